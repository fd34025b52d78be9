import type { ExecutionResult } from 'graphql';

/** Stands in a message where a text is to come; JSON has no other string that begins so. */
const SLOT = '\u0000text';
const QUOTED_SLOT = JSON.stringify(SLOT);

/**
 * The texts of answers that many readers are given: made once, and not once for each of them. graphql-ws makes one text of each
 * message by itself, with the answer in it; it gets a stand-in for the answer, which says where the text belongs when its turn
 * comes.
 */
export function sharedTexts() {
	const texts = new WeakMap<ExecutionResult, string>();
	let pending: string | null = null;
	return {
		/** What goes to graphql-ws in the answer's place. */
		standIn: (result: ExecutionResult): ExecutionResult => {
			const text = texts.get(result) ?? JSON.stringify(result);
			texts.set(result, text);
			const toJSON = () => {
				pending = text;
				return SLOT;
			};
			return { toJSON } as ExecutionResult;
		},
		/** A message as it goes out, which is as soon as its text is made; null: it is not of many, and goes as it is. */
		filled: (message: string): string | null => {
			const text = pending;
			pending = null;
			if (text === null) return null;
			const at = message.lastIndexOf(QUOTED_SLOT);
			return message.slice(0, at) + text + message.slice(at + QUOTED_SLOT.length);
		},
	};
}
