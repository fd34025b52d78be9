import { withinNature } from '../chart/lines';
import { type Range, stepOutward } from '../chart/range';
import { TableScroll } from '../design/TableScroll';
import table from '../design/table.module.css';
import { count, decimalsFor, differenceText, fixed, intervalText, plain, pText, signed } from '../format/numbers';
import { duration } from '../format/time';
import { type MiniPlan, MiniStrip } from '../freeze-strip/MiniStrip';
import type { AnswerFragment } from '../gql/graphql';
import { familyKey, type GroupStyle } from '../thaw/groups';
import { StrategyName } from '../thaw/Thaw';
import styles from './ComparisonTable.module.css';
import { SeedStrip } from './SeedStrip';
import { styleOf } from './style-of';

type Group = AnswerFragment['groups'][number];
type Verdict = AnswerFragment['verdicts'][number];

const verdictWords: Record<Verdict['kind'], string> = {
	BETTER: 'worse',
	WORSE: 'better',
	EQUIVALENT: 'as good',
	INCONCLUSIVE: 'not settled',
};

/** One row a group, best mean first; each number with the digits that its interval justifies. */
export function ComparisonTable(props: {
	readonly answer: AnswerFragment;
	readonly styles: ReadonlyMap<string, GroupStyle>;
	/** Strategies whose first run has not ended: they hold their rows, so that the table does not grow while live. */
	readonly awaited: readonly GroupStyle[];
	/** Freeze plan of each family. */
	readonly plans: ReadonlyMap<string, MiniPlan>;
}) {
	const { answer } = props;
	const range = rangeOf(answer.groups);
	const best = answer.groups[0];
	return (
		<TableScroll label="Comparison table">
			<table className={`${table.table} ${styles.comparison}`} data-testid="comparison-table">
				<thead>
					<tr>
						<th scope="col">Strategy</th>
						<th scope="col">Plan</th>
						<th scope="col" className={table.right}>
							n
						</th>
						<th scope="col" className={table.right}>
							Mean <span className={table.unit}>± 95 %</span>
						</th>
						<th scope="col">
							<span className={styles.axis}>
								{range ? (
									<>
										<span>{plain(range[0])}</span>
										<span>seeds</span>
										<span>{plain(range[1])}</span>
									</>
								) : (
									<span>seeds</span>
								)}
							</span>
						</th>
						<th scope="col">Against the best</th>
						<th scope="col" className={table.right}>
							sd
						</th>
						<th scope="col" className={table.right} title="Numbers that learn in at least one phase">
							Learning
						</th>
						<th scope="col" className={table.right} title="Mean wall time of a run">
							Time
						</th>
						<th scope="col" className={table.right} title="Multiply-accumulates of a run">
							MACs
						</th>
					</tr>
				</thead>
				<tbody>
					{answer.groups.map((group) => (
						<Row
							key={group.id}
							group={group}
							style={styleOf(group, props.styles)}
							plan={props.plans.get(familyKey(group)) ?? null}
							range={range}
							isBest={group === best || answer.verdicts.some((verdict) => verdict.a === group.id)}
							recommended={group.id === answer.recommendation?.group}
							onFront={answer.paretoFront.includes(group.id)}
							verdict={answer.verdicts.find((verdict) => verdict.b === group.id) ?? null}
						/>
					))}
					{props.awaited.map((style) => (
						<tr key={style.key} className={styles.awaited}>
							<th scope="row">
								<StrategyName label={style.label} share={style.share} />
							</th>
							<PlanCell plan={props.plans.get(style.family) ?? null} />
							<td className={table.right}>0</td>
							<td colSpan={7}>waiting for its first seed</td>
						</tr>
					))}
				</tbody>
			</table>
		</TableScroll>
	);
}

function Row(props: {
	readonly group: Group;
	readonly style: Pick<GroupStyle, 'share'>;
	readonly plan: MiniPlan | null;
	readonly range: Range | null;
	readonly isBest: boolean;
	readonly recommended: boolean;
	readonly onFront: boolean;
	readonly verdict: Verdict | null;
}) {
	const { group, style, verdict } = props;
	const { mean, halfWidth } = intervalText(group.mean, group.ciLow, group.ciHigh);
	return (
		<tr data-group={group.label} data-n={group.n}>
			<th scope="row">
				<StrategyName label={group.label} share={style.share} />
				{props.recommended ? <span className={styles.tag}>recommended</span> : null}
				{props.onFront && !props.recommended ? (
					<span className={styles.tag} title="On the Pareto front: no other strategy is both better and cheaper">
						Pareto
					</span>
				) : null}
			</th>
			<PlanCell plan={props.plan} />
			<td className={table.right}>{group.n}</td>
			<td className={`${table.right} ${styles.mean}`}>
				<b>{mean}</b>
				<span className={table.quiet}>{halfWidth === null ? ' one seed' : ` ± ${halfWidth}`}</span>
			</td>
			<td>{props.range ? <SeedStrip group={group} share={style.share} range={props.range} /> : null}</td>
			<td className={styles.against}>
				{props.isBest ? (
					<span className={table.quiet}>best mean</span>
				) : verdict ? (
					<Against verdict={verdict} />
				) : (
					<span className={table.quiet}>–</span>
				)}
			</td>
			<td className={table.right}>
				{group.sd === null ? '–' : group.sd < 1e-6 ? '0' : fixed(group.sd, decimalsFor(group.sd))}
			</td>
			<td className={table.right}>{count(group.trainableParameters)}</td>
			<td className={table.right}>{duration(group.secondsPerRun)}</td>
			<td className={table.right}>{count(group.computePerRun)}</td>
		</tr>
	);
}

function PlanCell({ plan }: { readonly plan: MiniPlan | null }) {
	return <td>{plan ? <MiniStrip plan={plan} /> : null}</td>;
}

/** The verdict is on best against this one: its sign is turned, since the row is about this one. */
function Against({ verdict }: { readonly verdict: Verdict }) {
	const text =
		verdict.ciLow === null || verdict.ciHigh === null
			? signed(-verdict.difference, 3)
			: differenceText(-verdict.difference, -verdict.ciHigh, -verdict.ciLow);
	const details = [verdict.pValue === null ? null : pText(verdict.pValue), verdict.test, verdict.note].filter(Boolean);
	return (
		<span title={details.join(' · ')}>
			<span className={styles.kind} data-kind={verdict.kind}>
				{verdictWords[verdict.kind]}
			</span>
			<span className={styles.difference}>{text}</span>
		</span>
	);
}

/** One axis for all strips, over every seed and every interval. */
function rangeOf(groups: readonly Group[]): Range | null {
	const values = groups.flatMap((group) => [...group.values, group.mean]).filter(Number.isFinite);
	if (values.length === 0) return null;
	const span: Range = [Math.min(...values), Math.max(...values)];
	const ends = groups.flatMap((group) => [group.ciLow, group.ciHigh].filter((end) => end !== null));
	// As in the curves, an interval of two seeds may leave the picture.
	const air = Math.max((span[1] - span[0]) / 2, 1e-9);
	const low = Math.max(span[0] - air, Math.min(span[0], ...ends));
	const high = Math.min(span[1] + air, Math.max(span[1], ...ends));
	return stepOutward(null, withinNature(span, [low, high]));
}
