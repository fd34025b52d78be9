import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

type Violation = { id: string; help: string; nodes: { target: string[]; failureSummary: string }[] };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 level AA, and what axe counts as good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds against the accessibility of a page as it stands now, a line each; nothing is the aim. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
	const violations = await page.evaluate(async (tags) => {
		const { axe } = window as unknown as { axe: { run(o: object): Promise<{ violations: Violation[] }> } };
		return (await axe.run({ runOnly: tags })).violations;
	}, TAGS);
	return violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`),
	);
}
