import type { AnswerFragment } from '../gql/graphql';
import type { GroupStyle } from '../thaw/groups';
import { StrategyName } from '../thaw/Thaw';
import styles from './Answer.module.css';
import { headline, list } from './headline';
import { styleOf } from './style-of';

/** The answer before anything else: one sentence, what is open, and what we would do. */
export function Answer(props: {
	readonly answer: AnswerFragment;
	readonly styles: ReadonlyMap<string, GroupStyle>;
	readonly running: boolean;
}) {
	const { answer } = props;
	const { sentence, open, why } = headline(answer, props.running);
	const recommended = answer.groups.find((group) => group.id === answer.recommendation?.group) ?? null;
	return (
		<div className={styles.answer} data-testid="verdict">
			<p className={styles.sentence}>{sentence}</p>
			{open ? <p className={styles.open}>{open}</p> : null}
			{recommended ? (
				<p className={styles.recommended}>
					<span className={styles.word}>Recommended</span>
					<strong>
						<StrategyName label={recommended.label} share={styleOf(recommended, props.styles).share} />
					</strong>
					<span className={styles.reason}>{why}</span>
				</p>
			) : null}
			{answer.recommendation ? (
				<details className={styles.how}>
					<summary>How this was decided</summary>
					<p>{answer.recommendation.reason}</p>
					<p>{methodText(answer)}</p>
				</details>
			) : null}
		</div>
	);
}

/** Which tests were made, so that a reader can check the claim. */
function methodText({ verdicts }: AnswerFragment): string {
	const tests = [...new Set(verdicts.map((verdict) => verdict.test).filter((test) => test !== 'none'))];
	const means = '± is half the 95 % t interval of the mean over seeds.';
	if (tests.length === 0) return `${means} There are too few seeds for a test.`;
	const paired = verdicts.some((verdict) => verdict.pairedBy === 'seed') ? ', paired by seed' : '';
	return `${means} Tests: ${list(tests)}${paired}, p-values adjusted by Holm's method over all pairs with the best.`;
}
