import path from 'node:path';
import type { NextConfig } from 'next';

/** The workspace's root: packages resolve from there, and the standalone server mirrors its folders. */
const root = path.resolve(import.meta.dirname, '../..');

const config: NextConfig = {
	output: 'standalone',
	outputFileTracingRoot: root,
	turbopack: { root },
	reactStrictMode: true,
	poweredByHeader: false,
	devIndicators: false,
};

export default config;
