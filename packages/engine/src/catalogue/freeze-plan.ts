import { findBackbones } from '@graft/database/backbone';
import type { Task } from '@graft/domain/dataset';
import { invalidInput, notFound } from '@graft/domain/error';
import type { StrategyInput } from '@graft/domain/strategy';
import type { Context } from '../context/context.js';
import { onlyIds } from '../context/storable.js';
import type { Engine } from '../contract/engine.js';
import { parseHead } from '../launch/parse-head.js';
import { planStrategy } from '../launch/plan-spec.js';
import { refuseNumber } from '../launch/whole-number.js';

const MAX_CLASSES = 1_000_000;

/** What a strategy would mean on a backbone, with the default head. */
export async function freezePlan(
	{ database }: Context,
	query: { backboneId: string; strategy: StrategyInput; classes: number; epochs: number; task?: Task },
): ReturnType<Engine['freezePlan']> {
	const { backboneId, strategy, classes, epochs, task = 'CLASSIFICATION' } = query;
	const refused = refuseNumber('classes', classes, 1, MAX_CLASSES) ?? refuseNumber('epochs', epochs, 1, 100_000);
	if (refused !== null) return refused;
	const [backbone] = await findBackbones(database, onlyIds([backboneId]));
	if (backbone === undefined) return notFound('backbone', backboneId);
	const head = parseHead(null);
	if ('field' in head) return invalidInput('head', head.message);
	const asked = { task, outputs: classes, inputShape: null, head, epochs };
	const planned = planStrategy(backbone, strategy, 'strategy', asked);
	return 'plan' in planned ? planned.plan : planned;
}
