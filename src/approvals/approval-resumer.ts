import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ApprovalsRepository } from './approvals.repository';
import { ApprovalsService } from './approvals.service';

const EVERY_MS = 5_000;
/** Younger ones are being executed by whoever approved them. */
const AFTER_S = 3;

/** Goes on with what was approved when the process that should have executed it died. */
@Injectable()
export class ApprovalResumer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Approvals');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly approvals: ApprovalsRepository,
    private readonly service: ApprovalsService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.resume();
    }, EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async resume(): Promise<void> {
    try {
      for (const approvalId of await this.approvals.unfinished(AFTER_S))
        await this.service.execute(approvalId);
    } catch (error) {
      this.logger.warn(error, 'approved acts could not be looked for');
    } finally {
      this.running = undefined;
    }
  }
}
