import { GraftError } from '@graft/domain/error';

type Answer = { readonly __typename: string };
type Refused = { readonly message: string; readonly field?: string | null };

/**
 * The member of an answer's union that we hoped for.
 * @throws GraftError CONFIGURATION with the API's own words for any other: the request was understood and refused.
 */
export function accepted<Union extends Answer, Name extends Union['__typename']>(
	answer: Union,
	name: Name,
): Extract<Union, { readonly __typename: Name }> {
	if (answer.__typename === name) return answer as Extract<Union, { readonly __typename: Name }>;
	const { message = answer.__typename, field } = answer as unknown as Partial<Refused>;
	throw new GraftError('CONFIGURATION', field ? `${message} (${field})` : message, { answer: answer.__typename });
}
