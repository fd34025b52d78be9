// Finds a Chromium for the browser tests: GRAFT_CHROMIUM, the PATH, the usual places, a browser that Playwright fetched.
// Where there is none and this user may install Debian packages, it installs Debian's.
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installDebianPackage, isExecutable } from './debian-package.mjs';

export const HOW_TO_GET_CHROMIUM =
	'The browser test needs Chromium or Chrome: `apt-get install chromium` (Debian), `brew install --cask chromium` (macOS), or GRAFT_CHROMIUM=/path/to/it.';

function playwrightBrowsers() {
	const caches = [
		path.join(os.homedir(), '.cache/ms-playwright'),
		path.join(os.homedir(), 'Library/Caches/ms-playwright'),
	];
	return caches.flatMap((cache) => {
		try {
			return readdirSync(cache)
				.filter((name) => name.startsWith('chromium-'))
				.sort()
				.reverse()
				.flatMap((name) => [
					path.join(cache, name, 'chrome-linux/chrome'),
					path.join(cache, name, 'chrome-linux64/chrome'),
					path.join(cache, name, 'chrome-mac/Chromium.app/Contents/MacOS/Chromium'),
				]);
		} catch {
			return [];
		}
	});
}

export function findChromium(env = process.env) {
	if (env.GRAFT_CHROMIUM) return isExecutable(env.GRAFT_CHROMIUM) ? env.GRAFT_CHROMIUM : null;
	const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
	const onPath = (env.PATH ?? '')
		.split(path.delimiter)
		.flatMap((folder) => names.map((name) => path.join(folder, name)));
	const places = [
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		'/Applications/Chromium.app/Contents/MacOS/Chromium',
		'/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
	];
	return [...onPath, ...places, ...playwrightBrowsers()].find(isExecutable) ?? null;
}

/** Path of a Chromium, installed first where that is allowed; null where there is none to be had. */
export function provideChromium() {
	const found = findChromium();
	if (found !== null || process.env.GRAFT_CHROMIUM) return found;
	return installDebianPackage('chromium', 'Chromium', 'the browser test') ? findChromium() : null;
}
