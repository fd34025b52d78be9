import type { Metadata } from 'next';
import { RunPage } from '../../../run/RunPage';

export const metadata: Metadata = { title: 'Run' };

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
	const { id } = await params;
	return <RunPage key={id} id={id} />;
}
