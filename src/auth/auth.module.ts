import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { UsersModule } from '../users/users.module';
import { AuthController } from './auth.controller';
import { AuthGuard } from './auth.guard';
import { CredentialsRepository } from './credentials.repository';
import { PasswordHasher } from './password-hasher';
import { PinService } from './pin.service';
import { RouteRules } from './route-rules';
import { SecretChecker } from './secret-checker';
import { SessionsRepository } from './sessions.repository';
import { SessionsService } from './sessions.service';
import { TokenRevocations } from './token-revocations';
import { TokenService } from './token.service';

@Global()
@Module({
  imports: [DiscoveryModule, UsersModule],
  controllers: [AuthController],
  providers: [
    TokenService,
    TokenRevocations,
    RouteRules,
    PasswordHasher,
    CredentialsRepository,
    SecretChecker,
    PinService,
    SessionsRepository,
    SessionsService,
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [
    TokenService,
    TokenRevocations,
    PasswordHasher,
    CredentialsRepository,
    SecretChecker,
    PinService,
    SessionsRepository,
  ],
})
export class AuthModule {}
