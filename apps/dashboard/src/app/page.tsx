import type { Metadata } from 'next';
import { ExperimentsPage } from '../experiments/ExperimentsPage';

export const metadata: Metadata = { title: 'Experiments' };

export default function Page() {
	return <ExperimentsPage />;
}
