import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../design/tokens.css';
import '../design/base.css';
import type { Metadata, Viewport } from 'next';
import { connection } from 'next/server';
import type { ReactNode } from 'react';
import { GraftProvider } from '../connection/GraftProvider';
import { apiUrl } from '../env';
import { Shell } from '../shell/Shell';

export const metadata: Metadata = {
	title: { default: 'Graft', template: '%s · Graft' },
	description: 'What to freeze, what to fine-tune: transfer-learning experiments and their answers.',
};

export const viewport: Viewport = { colorScheme: 'light dark' };

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
	// Rendered for each request: the address of the API is known when the server runs, not when it is built.
	await connection();
	return (
		<html lang="en" suppressHydrationWarning>
			<head>
				<script src="/theme.js" />
			</head>
			<body>
				<GraftProvider apiUrl={apiUrl()}>
					<Shell>{children}</Shell>
				</GraftProvider>
			</body>
		</html>
	);
}
