import type { ChartLine, ChartMark } from '../chart/lines';
import type { RunPageFragment } from '../gql/graphql';

/** Starts of phases, saved checkpoints and the first step that was no finite number. */
export function runMarks(
	run: Pick<RunPageFragment, 'freezePlan' | 'artifacts' | 'progress'>,
	lines: ReadonlyMap<string, ChartLine>,
): ChartMark[] {
	const marks: ChartMark[] = [];
	const phases = run.freezePlan?.phases ?? [];
	const epochs = phases.reduce((sum, phase) => sum + phase.epochs, 0);
	const stepsPerEpoch = run.progress?.steps && epochs > 0 ? run.progress.steps / epochs : null;
	if (stepsPerEpoch !== null) {
		let before = 0;
		for (const phase of phases) {
			if (before > 0) marks.push({ kind: 'phase', x: before * stepsPerEpoch, label: `phase ${phase.index + 1}` });
			before += phase.epochs;
		}
	}
	for (const artifact of run.artifacts) {
		if (artifact.kind === 'checkpoint' && artifact.step !== null) {
			marks.push({ kind: 'checkpoint', x: artifact.step, label: artifact.name });
		}
	}
	for (const line of lines.values()) {
		if (line.broken != null) marks.push({ kind: 'diverged', x: line.broken, label: `${line.id} diverged` });
	}
	return marks;
}
