import { applyDecorators, SetMetadata, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiAcceptedResponse } from '@nestjs/swagger';
import { ApprovalDto } from './approvals.dto';
import { ApprovalAskedFilter, FourEyesInterceptor } from './four-eyes.interceptor';
import { FOUR_EYES_ACT, type ActName } from './four-eyes.gate';

/**
 * The act may need a second person: then the route answers 202 with the request for approval, and does nothing yet. Stands beside
 * @RequirePermission and documents itself.
 */
export const FourEyes = (act: ActName) =>
  applyDecorators(
    SetMetadata(FOUR_EYES_ACT, act),
    UseInterceptors(FourEyesInterceptor),
    UseFilters(ApprovalAskedFilter),
    // A batch is answered at once, and refused where it would have to wait.
    ...(act === 'post_batch'
      ? []
      : [
          ApiAcceptedResponse({
            type: ApprovalDto,
            description: 'Waits for the approval of a second person',
          }),
        ]),
  );
