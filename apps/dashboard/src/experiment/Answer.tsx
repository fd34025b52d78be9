import type { AnswerFragment } from '../gql/graphql';
import type { GroupStyle } from '../thaw/groups';
import { StrategyName } from '../thaw/Thaw';
import styles from './Answer.module.css';
import { headline } from './headline';
import { styleOf } from './style-of';

/** The answer before anything else: one sentence, what is open, and what we would do. */
export function Answer(props: {
	readonly answer: AnswerFragment;
	readonly styles: ReadonlyMap<string, GroupStyle>;
	readonly running: boolean;
}) {
	const { answer } = props;
	const { sentence, open } = headline(answer, props.running);
	const recommended = answer.groups.find((group) => group.id === answer.recommendation?.group) ?? null;
	return (
		<div className={styles.answer} data-testid="verdict">
			<p className={styles.sentence}>{sentence}</p>
			{open ? <p className={styles.open}>{open}</p> : null}
			{answer.recommendation && recommended ? (
				<p className={styles.recommended}>
					<span className={styles.word}>Recommended</span>
					<strong>
						<StrategyName label={recommended.label} share={styleOf(recommended, props.styles).share} />
					</strong>
					<span className={styles.reason}>{answer.recommendation.reason}</span>
				</p>
			) : null}
		</div>
	);
}
