import type { Benchmark, Figure } from '../figure.js';
import { PARTS, type PartName } from './parts.js';
import { startPlatform } from './platform.js';

const NAMES = Object.keys(PARTS) as PartName[];

/** Scripts, API, PostgreSQL, dashboard, browser and subscribers, each a process of its own on this machine. */
export const live: Benchmark = {
	name: 'live',
	about: '50 runs of 10 points/s, from the log call to 100 and 1,000 subscribers and to a browser',
	parts: NAMES,
	async run(log, { only }) {
		const platform = await startPlatform();
		const figures: Figure[] = [];
		try {
			for (const name of NAMES.filter((name) => only.length === 0 || only.includes(name))) {
				for (const figure of await PARTS[name](platform)) {
					log(`${figure.name}: ${figure.value?.toFixed(2) ?? figure.reason} ${figure.unit}`);
					figures.push(figure);
				}
			}
			await platform.writer.ask('stop');
			return figures;
		} finally {
			await platform.stop();
		}
	},
};
