import type { ReactNode } from 'react';

export interface Place {
	readonly href: string;
	readonly name: string;
	/** Strokes of a 16 x 16 drawing; the word beside it carries the meaning. */
	readonly drawing: ReactNode;
}

export const PLACES: readonly Place[] = [
	{
		href: '/',
		name: 'Experiments',
		drawing: <path d="M6 2v4.5L2.6 12.4A1 1 0 0 0 3.5 14h9a1 1 0 0 0 .9-1.6L10 6.5V2M5 2h6M4.3 10h7.4" />,
	},
	{ href: '/runs', name: 'Runs', drawing: <path d="M2 12.5 5.5 7l3 3L14 3.5M2 14.5h12" /> },
	{
		href: '/sweeps',
		name: 'Sweeps',
		drawing: <path d="M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z" />,
	},
	{ href: '/backbones', name: 'Backbones', drawing: <path d="M2 4.5h12M2 8h12M2 11.5h12M5 3v3M9.5 6.5v3M7 10v3" /> },
	{
		href: '/datasets',
		name: 'Datasets',
		drawing: (
			<path d="M2.5 4c0-1.1 2.5-2 5.5-2s5.5.9 5.5 2-2.5 2-5.5 2-5.5-.9-5.5-2ZM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2" />
		),
	},
	{
		href: '/workers',
		name: 'Workers',
		drawing: (
			<path d="M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14" />
		),
	},
];

/** Whether a path lies in a place. An experiment's page is in Experiments, which is the root. */
export function isInPlace(path: string, href: string): boolean {
	if (href === '/') return path === '/' || path.startsWith('/experiments');
	return path === href || path.startsWith(`${href}/`);
}
