import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Workspaces resolve to their sources, so that unit and database tests need no build.
const source = { conditions: ['graft-source', 'module', 'node', 'default'] };
// Node loads graphql's CommonJS build and vite its ES one; two copies do not know each other's types.
const graphql = { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) };
const common = { resolve: { ...source, alias: [graphql] }, ssr: { resolve: source } };
// One seed for all properties, so that a test run is repeatable; `npm run fuzz` takes another each time.
const properties = ['test/support/property-seed.ts'];
const outside = ['**/node_modules/**', '**/dist/**', '**/.next/**', '**/.graft/**'];

export default defineConfig({
	test: {
		projects: [
			{
				...common,
				test: {
					name: 'unit',
					include: ['{apps,packages,scripts}/**/*.test.{ts,tsx}', 'test/*.test.ts'],
					exclude: [...outside, '**/*.db.test.ts', '**/*.e2e.test.ts'],
					setupFiles: properties,
					testTimeout: 30_000,
					hookTimeout: 60_000,
				},
			},
			{
				...common,
				test: {
					name: 'db',
					include: ['{apps,packages}/**/*.db.test.ts'],
					exclude: outside,
					setupFiles: properties,
					globalSetup: ['packages/testing/src/database/global-setup.ts'],
					testTimeout: 30_000,
					hookTimeout: 60_000,
				},
			},
			{
				...common,
				test: {
					name: 'e2e',
					include: ['test/**/*.e2e.test.ts'],
					exclude: outside,
					fileParallelism: false,
					testTimeout: 240_000,
					hookTimeout: 120_000,
				},
			},
		],
	},
});
