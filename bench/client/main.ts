/** A load client: a process of its own, so that what it does takes no time from the processes that it measures. */
import { runHttp } from './http-load';
import { runPeer } from '../peers/peer-load';
import { runProcedure } from './procedure-load';
import type { Answer, LoadResult, Message, Plan, World } from './protocol';

let world: World = { accounts: [], owners: [], user_ids: [], tokens: [] };

function run(plan: Plan): Promise<LoadResult> {
  switch (plan.kind) {
    case 'http':
      return runHttp(plan, world);
    case 'procedure':
      return runProcedure(plan, world);
    case 'peer':
      return runPeer(plan, world);
  }
}

function answer(message: Answer): void {
  process.send?.(message);
}

process.on('message', (message: Message) => {
  if ('world' in message) {
    world = message.world;
    answer({ ready: true });
    return;
  }
  run(message.plan).then(
    (result) => answer({ result }),
    (error: Error) => answer({ failure: error.stack ?? error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
