import type { Page } from 'playwright-core';
import { openBrowser } from '../../support/browser.js';
import { quantile } from '../figure.js';

export interface PageStats {
	readonly points: number;
	/** Milliseconds from the log call to the page's socket, and to the end of the frame that shows it. */
	readonly arrivedP95: number;
	readonly drawnP95: number;
}

/** Opens the experiment's page in Chromium, and measures the points that its own socket brings for so long. */
export async function measurePage(url: string, seconds: number): Promise<PageStats> {
	const browser = await openBrowser();
	try {
		const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
		await page.addInitScript(watchSockets);
		await page.goto(url);
		await page.waitForFunction(() => (globalThis as unknown as Watched).liveArrived.length > 0, null, {
			timeout: 60_000,
		});
		// What the page does while it opens is no steady state.
		await page.waitForTimeout(3_000);
		await take(page);
		await page.waitForTimeout(seconds * 1_000);
		const { arrived, drawn } = await take(page);
		return { points: arrived.length, arrivedP95: quantile(arrived, 0.95), drawnP95: quantile(drawn, 0.95) };
	} finally {
		await browser.close();
	}
}

interface Watched {
	liveArrived: number[];
	liveDrawn: number[];
	/** Moments of log calls whose points have arrived and are not in the chart. */
	liveWaiting: number[];
}

const take = (page: Page) =>
	page.evaluate(() => {
		const watched = globalThis as unknown as Watched;
		return { arrived: watched.liveArrived.splice(0), drawn: watched.liveDrawn.splice(0) };
	});

/**
 * Runs in the page before its own scripts: notes each live value when it arrives, and at the end of the animation frame that
 * paints the first change of the chart since.
 */
function watchSockets(): void {
	const watched = globalThis as unknown as Watched;
	watched.liveArrived = [];
	watched.liveDrawn = [];
	watched.liveWaiting = [];
	const now = () => performance.timeOrigin + performance.now();
	// A change that an animation frame makes is painted by that frame, any other one by the next.
	let isInFrame = false;
	const nextFrame = globalThis.requestAnimationFrame.bind(globalThis);
	globalThis.requestAnimationFrame = (callback) =>
		nextFrame((time) => {
			isInFrame = true;
			setTimeout(() => {
				isInFrame = false;
			});
			callback(time);
		});
	const afterPaint = (then: () => void) => (isInFrame ? setTimeout(then) : nextFrame(() => setTimeout(then)));
	// The chart says how many points it shows in the same change in which it draws them.
	new MutationObserver((changes) => {
		if (!changes.some(({ attributeName }) => attributeName === 'data-points')) return;
		const shown = watched.liveWaiting.splice(0);
		afterPaint(() => {
			for (const at of shown) watched.liveDrawn.push(now() - at);
		});
	}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-points'] });
	const Plain = WebSocket;
	const decode = (packed: string) => {
		const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
		return [...new Float64Array(bytes.buffer)];
	};
	globalThis.WebSocket = class extends Plain {
		constructor(url: string | URL, protocols?: string | string[]) {
			super(url, protocols);
			this.addEventListener('message', ({ data }) => {
				if (!String(data).includes('"liveMetrics"')) return;
				const { payload } = JSON.parse(String(data));
				const logged: number[] = payload.data.liveMetrics.series.flatMap((one: { values: string }) =>
					decode(one.values),
				);
				const arrivedAt = now();
				for (const at of logged) watched.liveArrived.push(arrivedAt - at);
				watched.liveWaiting.push(...logged);
			});
		}
	};
}
