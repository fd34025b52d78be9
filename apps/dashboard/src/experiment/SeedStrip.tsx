import type { Range } from '../chart/range';
import { plain } from '../format/numbers';
import type { AnswerFragment } from '../gql/graphql';
import { thawCss } from '../thaw/Thaw';
import styles from './SeedStrip.module.css';

const WIDTH = 150;
const HEIGHT = 22;
const EDGE = 5;

/** Every seed as a dot, the 95 % interval as a bar, the mean as a tick, on the axis that all groups share. */
export function SeedStrip(props: {
	readonly group: AnswerFragment['groups'][number];
	readonly share: number | null;
	readonly range: Range;
}) {
	const { group, range } = props;
	const [low, high] = range;
	const at = (value: number) =>
		EDGE + ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (WIDTH - 2 * EDGE);
	const middle = HEIGHT / 2;
	const color = thawCss(props.share);
	return (
		<svg
			className={styles.strip}
			viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
			width={WIDTH}
			height={HEIGHT}
			role="img"
			aria-label={`Seeds: ${group.values.map(plain).join(', ')}`}
		>
			<path className={styles.axis} d={`M${EDGE} ${middle}H${WIDTH - EDGE}`} />
			{group.ciLow === null || group.ciHigh === null ? null : (
				<rect
					x={at(group.ciLow)}
					y={middle - 5}
					width={Math.max(1, at(group.ciHigh) - at(group.ciLow))}
					height={10}
					rx="2"
					fill={color}
					opacity="0.22"
				/>
			)}
			{group.values.map((value, index) => (
				<circle key={group.seeds[index] ?? index} cx={at(value)} cy={middle} r="2.75" fill={color} fillOpacity="0.75">
					<title>{`seed ${group.seeds[index] ?? '?'}: ${plain(value)}`}</title>
				</circle>
			))}
			<path className={styles.mean} d={`M${at(group.mean)} ${middle - 8}v16`} />
		</svg>
	);
}
