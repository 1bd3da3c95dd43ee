import { duration, grouped, ProgressBar } from './progress';

function barAt(isTTY: boolean): { bar: ProgressBar; written: string[]; clock: { ms: number } } {
  const written: string[] = [];
  const clock = { ms: 0 };
  const bar = new ProgressBar(
    { isTTY, columns: 200, write: (text: string) => written.push(text) },
    () => clock.ms,
  );
  return { bar, written, clock };
}

test('a log file gets a plain line every five seconds', () => {
  const { bar, written, clock } = barAt(false);
  bar.start('Posting', 1_000);
  for (clock.ms = 1_000; clock.ms <= 10_000; clock.ms += 1_000) bar.update(clock.ms, clock.ms / 20);
  expect(written).toEqual([
    'Posting [######..................] 25 %, 5,000 rows, 1,000 rows/s, 15.0 s left\n',
    'Posting [############............] 50 %, 10,000 rows, 1,000 rows/s, 10.0 s left\n',
  ]);
});

test('a terminal gets one line that is written over', () => {
  const { bar, written, clock } = barAt(true);
  bar.start('Posting', 1_000);
  clock.ms = 1_000;
  bar.update(500, 500);
  bar.finish('500 transactions');
  expect(written.every((text, index) => index >= 3 || text.startsWith('\r'))).toBe(true);
  expect(written.at(-1)).toBe('Posting: 500 transactions (1.0 s)\n');
});

test('the bar gives way on a narrow terminal', () => {
  for (const columns of [40, 80, 200]) {
    const written: string[] = [];
    let ms = 0;
    const bar = new ProgressBar(
      { isTTY: true, columns, write: (text: string) => written.push(text) },
      () => ms,
    );
    bar.start('Reading the transactions', 1_000_000);
    ms = 1_000;
    bar.update(13_305_915, 500_000);
    const shown = (written.at(-1) ?? '').replace('\r\u001b[2K', '');
    expect(shown.length).toBeLessThan(columns);
    if (columns >= 80) expect(shown).toMatch(/s left$/);
    expect(shown.includes('#')).toBe(columns > 80);
  }
});

test('rate and time left are those of what was not skipped', () => {
  const { bar, written, clock } = barAt(false);
  bar.start('Posting', 1_000);
  clock.ms = 1_000;
  bar.skip(9_000, 900);
  clock.ms = 6_000;
  bar.update(9_500, 950);
  expect(written).toEqual(['Posting [#######################.] 95 %, 9,500 rows, 100 rows/s, 5.0 s left\n']);
});

test('numbers and times as people read them', () => {
  expect(grouped(13_305_915)).toBe('13,305,915');
  expect(duration(7_420)).toBe('7.4 s');
  expect(duration(185_000)).toBe('3 min 05 s');
  expect(duration(3_725_000)).toBe('1 h 02 min');
});
