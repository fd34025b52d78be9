import type { Metadata } from 'next';
import { SweepsPage } from '../../sweeps/SweepsPage';

export const metadata: Metadata = { title: 'Sweeps' };

export default function Page() {
	return <SweepsPage />;
}
