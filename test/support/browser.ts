import { type Browser, chromium, type Page } from 'playwright-core';

/** Without these a sandboxed, networkless machine makes Chromium wait for hosts that it will not reach. */
const args = [
	'--no-sandbox',
	'--disable-dev-shm-usage',
	'--disable-gpu',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** The Chromium that `npm test` found, or null: the browser tests are then skipped, and npm test has said how to get one. */
export const chromiumPath = process.env.GRAFT_CHROMIUM ?? null;

export async function openBrowser(): Promise<Browser> {
	if (chromiumPath === null) throw new Error('GRAFT_CHROMIUM is not set.');
	return chromium.launch({ executablePath: chromiumPath, args });
}

/** A page that collects what goes wrong in it, so that a test can insist on nothing. */
export async function openPage(browser: Browser, url: string): Promise<{ page: Page; faults: string[] }> {
	const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
	page.on('console', (message) => {
		if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
	});
	await page.goto(url);
	return { page, faults };
}
