import type { Metadata } from 'next';
import { BackbonesPage } from '../../backbones/BackbonesPage';

export const metadata: Metadata = { title: 'Backbones' };

export default function Page() {
	return <BackbonesPage />;
}
