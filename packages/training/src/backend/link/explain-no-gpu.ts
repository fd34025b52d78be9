/** Why a TensorFlow that works computes on no GPU and what to do about it, from what it logged at its start. */
export function explainNoGpu(log: string): string {
	if (/Cannot dlopen some GPU libraries|Error loading CUDA libraries/.test(log)) {
		const missing = [...log.matchAll(/Could not load dynamic library '([^']+)'/g)].map(([, name]) => name);
		const which = missing.length === 0 ? 'Libraries of CUDA' : missing.join(', ');
		return `${which} cannot be loaded; install "tensorflow[and-cuda]" with that Python's pip and link again`;
	}
	if (/UNKNOWN ERROR \(303\)|Could not find cuda drivers/.test(log)) {
		return 'there is no NVIDIA driver (libcuda.so.1); install it, or start the container with its GPUs, and see that `nvidia-smi` shows them';
	}
	if (/CUDA_ERROR_NO_DEVICE/.test(log)) {
		return "NVIDIA's driver sees no GPU; see that `nvidia-smi` shows one and that CUDA_VISIBLE_DEVICES does not hide it";
	}
	const said = /failed call to cuInit: (.*)/.exec(log)?.[1];
	if (said !== undefined) return `NVIDIA's driver does not start (${said.trim()}); see what \`nvidia-smi\` says`;
	return 'it finds none; see that `nvidia-smi` shows one, and that this TensorFlow is built with CUDA';
}
