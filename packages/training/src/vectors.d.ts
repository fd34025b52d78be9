/** Facts from outside, beside the sources; only tests read them. */
declare module '*.json' {
	const facts: unknown;
	export default facts;
}
