import type { RequirementsInput } from '@graft/client/gql';
import { parseRequirements } from '@graft/domain/worker';
import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/**
 * Reads `backend=tensorflow-gpu`, `memory=16GiB` or a label `gpu=a100`, and adds it to the flags before it.
 * @throws InvalidArgumentError in words for the command line.
 */
export function parseRequiresFlag(text: string, before: RequirementsInput = {}): RequirementsInput {
	const [, key = '', value = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
	if (key === '') throw new InvalidArgumentError('Give backend=NAME, memory=16GiB or LABEL=VALUE.');
	const asked =
		key === 'backend'
			? { ...before, backend: value }
			: key === 'memory'
				? { ...before, memoryBytes: parseBytes(value) }
				: { ...before, labels: { ...(before.labels as object | undefined), [key]: value } };
	const parsed = parseRequirements(asked, 'requires');
	if ('kind' in parsed) throw new InvalidArgumentError(parsed.message);
	return asked;
}

function parseBytes(text: string): number {
	const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(|[KMGT]iB)$/.exec(text) ?? [];
	if (digits === undefined) throw new InvalidArgumentError('Give a memory such as 16GiB, 512MiB or 1073741824.');
	return Math.ceil(Number(digits) * (UNITS[unit] ?? 1));
}
