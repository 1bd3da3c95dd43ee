import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Answer, LoadResult, Message, Plan, World } from '../client/protocol';

/** A load client in a process of its own. One plan at a time. */
export class LoadClient {
  private constructor(private readonly child: ChildProcess) {}

  static async start(world: World): Promise<LoadClient> {
    const client = new LoadClient(
      fork(join(__dirname, '..', 'client', 'main.js'), { serialization: 'advanced' }),
    );
    await client.ask({ world });
    return client;
  }

  /** @throws Error when the client itself failed; what the bank answered is part of the result */
  async run(plan: Plan): Promise<LoadResult> {
    const answer = await this.ask({ plan });
    if (!('result' in answer)) throw new Error('the load client answered without a result');
    return answer.result;
  }

  stop(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private ask(message: Message): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('the load client ended'));
      this.child.once('exit', onExit);
      this.child.once('message', (answer: Answer) => {
        this.child.off('exit', onExit);
        if ('failure' in answer) reject(new Error(`the load client failed: ${answer.failure}`));
        else resolve(answer);
      });
      this.child.send(message);
    });
  }
}
