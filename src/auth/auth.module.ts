import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AuthGuard } from './auth.guard';
import { RouteRules } from './route-rules';
import { TokenRevocations } from './token-revocations';
import { TokenService } from './token.service';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [TokenService, TokenRevocations, RouteRules, { provide: APP_GUARD, useClass: AuthGuard }],
  exports: [TokenService, TokenRevocations],
})
export class AuthModule {}
