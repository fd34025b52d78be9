// Loaded into a trainer before its program: SIGUSR2 sets its clock an hour ahead, the next one an hour back, and so on,
// as a machine's clock jumps when it is set. Timers and performance.now() go on as they do then.
const HOUR = 3_600_000;
let jumps = 0;
const RealDate = globalThis.Date;
const ahead = () => (jumps % 3 === 0 ? 0 : jumps % 3 === 1 ? HOUR : -HOUR);

globalThis.Date = class extends RealDate {
	constructor(...given) {
		if (given.length === 0) super(RealDate.now() + ahead());
		else super(...given);
	}
	static now() {
		return RealDate.now() + ahead();
	}
};
process.on('SIGUSR2', () => {
	jumps += 1;
});
