import type { Metadata } from 'next';
import { ExperimentPage } from '../../../experiment/ExperimentPage';

export const metadata: Metadata = { title: 'Experiment' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
	const { id } = await params;
	return <ExperimentPage key={id} id={id} />;
}
