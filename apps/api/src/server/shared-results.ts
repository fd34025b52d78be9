import type { ExecutionArgs, ExecutionResult } from 'graphql';

type Execute = () => ExecutionResult | Promise<ExecutionResult>;

/**
 * Answers that many readers share. The engine gives readers that follow the same runs and stand at the same position the
 * very same event, and what a document makes of it depends on nothing else than its variables, of which `after` has done
 * its work: so the answer is made once. Only for events whose fields ask neither the context nor the loaders.
 */
export function sharedResults() {
	const numbers = new WeakMap<object, number>();
	const results = new WeakMap<object, Map<string, ExecutionResult | Promise<ExecutionResult>>>();
	const texts = new WeakMap<ExecutionResult, string>();
	let documents = 0;

	/** What readers must have in common. */
	function keyOf({ document, operationName, variableValues }: ExecutionArgs): string {
		const number = numbers.get(document) ?? ++documents;
		numbers.set(document, number);
		return JSON.stringify([number, operationName, { ...variableValues, after: null }]);
	}

	return {
		keyOf,
		of(event: object, key: string, execute: Execute): ExecutionResult | Promise<ExecutionResult> {
			const known = results.get(event) ?? new Map<string, ExecutionResult | Promise<ExecutionResult>>();
			results.set(event, known);
			const made = known.get(key) ?? execute();
			known.set(key, made);
			if (made instanceof Promise)
				void made.then(
					(result) => known.set(key, result),
					() => undefined,
				);
			return made;
		},
		/** The answer as JSON, made once too. */
		textOf(result: ExecutionResult): string {
			const text = texts.get(result) ?? JSON.stringify(result);
			texts.set(result, text);
			return text;
		},
	};
}
