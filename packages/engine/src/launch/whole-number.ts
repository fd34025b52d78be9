import { type InvalidInput, invalidInput } from '@graft/domain/error';

/** Refuses what is no whole number in the range. */
export function refuseNumber(field: string, value: unknown, min: number, max: number): InvalidInput | null {
	if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return null;
	return invalidInput(
		field,
		`${field} is a whole number from ${min} to ${max}, not ${JSON.stringify(value) ?? value}.`,
	);
}
