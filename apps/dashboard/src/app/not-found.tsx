import Link from 'next/link';
import { PageHead } from '../design/PageHead';

export default function NotFound() {
	return <PageHead title="There is no such page" lead={<Link href="/">To the experiments</Link>} />;
}
