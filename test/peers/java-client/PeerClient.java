// The calls of Cloud Foundry's official Java client that concern tokens, each checked against what a UAA must say.
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import io.netty.resolver.DefaultAddressResolverGroup;
import org.cloudfoundry.reactor.ConnectionContext;
import org.cloudfoundry.reactor.DefaultConnectionContext;
import org.cloudfoundry.reactor.RootProvider;
import org.cloudfoundry.reactor.TokenProvider;
import org.cloudfoundry.reactor.tokenprovider.ClientCredentialsGrantTokenProvider;
import org.cloudfoundry.reactor.tokenprovider.PasswordGrantTokenProvider;
import org.cloudfoundry.reactor.uaa.ReactorUaaClient;
import org.cloudfoundry.uaa.UaaClient;
import org.cloudfoundry.uaa.UaaException;
import org.cloudfoundry.uaa.serverinformation.GetInfoRequest;
import org.cloudfoundry.uaa.serverinformation.GetInfoResponse;
import org.cloudfoundry.uaa.tokens.CheckTokenRequest;
import org.cloudfoundry.uaa.tokens.CheckTokenResponse;
import org.cloudfoundry.uaa.tokens.GetTokenByClientCredentialsRequest;
import org.cloudfoundry.uaa.tokens.GetTokenByClientCredentialsResponse;
import org.cloudfoundry.uaa.tokens.GetTokenByPasswordRequest;
import org.cloudfoundry.uaa.tokens.GetTokenByPasswordResponse;
import org.cloudfoundry.uaa.tokens.GetTokenKeyRequest;
import org.cloudfoundry.uaa.tokens.GetTokenKeyResponse;
import org.cloudfoundry.uaa.tokens.KeyType;
import org.cloudfoundry.uaa.tokens.ListTokenKeysRequest;
import org.cloudfoundry.uaa.tokens.RefreshTokenRequest;
import org.cloudfoundry.uaa.tokens.RefreshTokenResponse;
import org.cloudfoundry.uaa.tokens.TokenKey;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

public final class PeerClient
{
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final DefaultConnectionContext context;
    private final String issuer;
    private final UaaClient uaa;

    private int passed;
    private int failed;
    private GetTokenByClientCredentialsResponse clientToken;
    private GetTokenByPasswordResponse userToken;

    private interface Check
    {
        void run() throws Exception;
    }

    // The client asks Cloud Foundry's API where the UAA is; a PKS control plane has no such API.
    private record FixedRoot(String url) implements RootProvider
    {
        @Override
        public Mono<String> getRoot(ConnectionContext context)
        {
            return Mono.just(url);
        }

        @Override
        public Mono<String> getRoot(String key, ConnectionContext context)
        {
            return Mono.just(url);
        }
    }

    private PeerClient(String url, String issuer)
    {
        URI root = URI.create(url);
        this.issuer = issuer;
        // The resolver of the JDK, not the one of Netty, since only that one reads the hosts file it is given.
        context = DefaultConnectionContext.builder()
            .apiHost(root.getHost())
            .port(root.getPort() < 0 ? 443 : root.getPort())
            .rootProvider(new FixedRoot(url))
            .invalidTokenRetries(0L) // each retry is another failed login, and five lock the account
            .additionalHttpClientConfiguration(client -> client.resolver(DefaultAddressResolverGroup.INSTANCE))
            .build();
        uaa = client(clientProvider("admin", "admin-secret"));
    }

    private static TokenProvider clientProvider(String id, String secret)
    {
        return ClientCredentialsGrantTokenProvider.builder().clientId(id).clientSecret(secret).build();
    }

    private UaaClient client(TokenProvider provider)
    {
        return ReactorUaaClient.builder().connectionContext(context).tokenProvider(provider).build();
    }

    private static <T> T get(Mono<T> answer)
    {
        return answer.block(LIMIT);
    }

    private void check(String name, Check body)
    {
        try
        {
            body.run();
            ++passed;
            System.out.println("ok " + name);
        }
        catch (Throwable problem)
        {
            ++failed;
            System.out.println("not ok " + name + ": " + problem.toString().replace('\n', ' '));
        }
    }

    private static void require(boolean condition, String what)
    {
        if (!condition) throw new AssertionError(what);
    }

    private static void same(Object expected, Object seen, String what)
    {
        require(expected.equals(seen), what + " is " + seen + ", expected " + expected);
    }

    private static Set<String> words(String text)
    {
        return new TreeSet<>(Arrays.asList(text.split(" ")));
    }

    // The client types a refusal as UaaException with the error and its description.
    private static UaaException refused(Mono<?> answer)
    {
        try
        {
            get(answer);
        }
        catch (UaaException refusal)
        {
            return refusal;
        }
        throw new AssertionError("not refused");
    }

    private void info()
    {
        GetInfoResponse info = get(uaa.serverInformation().getInfo(GetInfoRequest.builder().build()));
        require(!info.getApp().getVersion().isEmpty(), "no version");
        require(!info.getLinks().getLogin().isEmpty(), "no login link");
        same(List.of("text", "Email"), info.getPrompts().getUsername(), "prompt for the user name");
        same("uaa", info.getZoneName(), "zone");
    }

    private void listKeys()
    {
        List<TokenKey> keys = get(uaa.tokens().listKeys(ListTokenKeysRequest.builder().build())).getKeys();
        require(!keys.isEmpty(), "no keys");
        for (TokenKey key : keys)
        {
            same(KeyType.RSA, key.getKeyType(), "type of " + key.getId());
            same("RS256", key.getAlgorithm(), "algorithm of " + key.getId());
            require(key.getValue().startsWith("-----BEGIN PUBLIC KEY-----"), "no PEM for " + key.getId());
            require(!key.getN().isEmpty() && "AQAB".equals(key.getE()), "no modulus for " + key.getId());
        }
    }

    private void signingKey()
    {
        GetTokenKeyResponse key = get(uaa.tokens().getKey(GetTokenKeyRequest.builder().build()));
        List<String> ids = new ArrayList<>();
        get(uaa.tokens().listKeys(ListTokenKeysRequest.builder().build())).getKeys().forEach(k -> ids.add(k.getId()));
        require(ids.contains(key.getId()), "signing key " + key.getId() + " is not in " + ids);
    }

    private Mono<GetTokenByClientCredentialsResponse> askAsClient(String id, String secret)
    {
        return uaa.tokens().getByClientCredentials(
            GetTokenByClientCredentialsRequest.builder().clientId(id).clientSecret(secret).build());
    }

    private Mono<GetTokenByPasswordResponse> askAsUser(String user, String password)
    {
        return uaa.tokens().getByPassword(GetTokenByPasswordRequest.builder()
            .clientId("pks_cli").clientSecret("").username(user).password(password).build());
    }

    private void clientCredentials()
    {
        clientToken = get(askAsClient("automated-client", "automated-secret"));
        same("bearer", clientToken.getTokenType(), "token type");
        same(Set.of("pks.clusters.admin", "pks.clusters.manage"), words(clientToken.getScopes()), "scope");
        require(clientToken.getExpiresInSeconds() > 0, "expires_in");
        require(clientToken.getAccessToken().split("\\.").length == 3, "not a JWT");
    }

    private void password()
    {
        userToken = get(askAsUser("alana", "alana-password"));
        same("bearer", userToken.getTokenType(), "token type");
        same("pks.clusters.manage", userToken.getScopes(), "scope");
        require(userToken.getExpiresInSeconds() > 590 && userToken.getExpiresInSeconds() <= 600, "expires_in");
        require(!userToken.getRefreshToken().isEmpty(), "no refresh token");
    }

    private void refresh()
    {
        RefreshTokenResponse renewed = get(uaa.tokens().refresh(RefreshTokenRequest.builder()
            .clientId("pks_cli").clientSecret("").refreshToken(userToken.getRefreshToken()).build()));
        same("pks.clusters.manage", renewed.getScopes(), "scope");
        require(!renewed.getTokenId().equals(userToken.getTokenId()), "the same jti");
        require(!renewed.getAccessToken().equals(userToken.getAccessToken()), "the same token");
    }

    private Mono<CheckTokenResponse> askAbout(String token)
    {
        return uaa.tokens().check(
            CheckTokenRequest.builder().clientId("pks_client").clientSecret("pks-client-secret").token(token).build());
    }

    private void checkUserToken()
    {
        CheckTokenResponse claims = get(askAbout(userToken.getAccessToken()));
        same("alana", claims.getUserName(), "user_name");
        same("pks_cli", claims.getClientId(), "client_id");
        same("pks_cli", claims.getCid(), "cid");
        same(List.of("pks.clusters.manage"), claims.getScopes(), "scope");
        same(Set.of("pks_cli", "pks.clusters"), new TreeSet<>(claims.getAudiences()), "aud");
        same("password", claims.getGrantType(), "grant_type");
        same(issuer, claims.getIssuer(), "iss");
        same(userToken.getTokenId(), claims.getJwtId(), "jti");
        require(claims.getExpirationTime() - claims.getIssuedAt() == 600, "life of the token");
    }

    private void checkClientToken()
    {
        CheckTokenResponse claims = get(askAbout(clientToken.getAccessToken()));
        same("automated-client", claims.getSubject(), "sub");
        same("client_credentials", claims.getGrantType(), "grant_type");
        require(claims.getUserName() == null, "a client token has no user name");
        require(claims.getAuthorities().contains("pks.clusters.admin"), "authorities");
    }

    private void checkAlteredToken()
    {
        String[] parts = userToken.getAccessToken().split("\\.");
        char first = parts[2].charAt(0);
        String altered = parts[0] + "." + parts[1] + "." + (first == 'A' ? 'B' : 'A') + parts[2].substring(1);
        UaaException refusal = refused(askAbout(altered));
        same(400, refusal.getStatusCode(), "status");
        same("invalid_token", refusal.getError(), "error");
    }

    // A 401 of whatever kind is to this client a token to renew: it hides the body and reports its retries, here none.
    private static void unauthorized(Mono<?> answer)
    {
        try
        {
            get(answer);
        }
        catch (RuntimeException refusal)
        {
            require(Exceptions.isRetryExhausted(refusal) && refusal.getCause() != null, "not a 401: " + refusal);
            same("InvalidTokenException", refusal.getCause().getClass().getSimpleName(), "cause");
            return;
        }
        throw new AssertionError("not refused");
    }

    private void wrongSecret()
    {
        unauthorized(askAsClient("automated-client", "wrong"));
    }

    private void wrongPassword()
    {
        unauthorized(askAsUser("rory", "wrong"));
        // Clears the count of failures, so that many runs against one server don't lock the account.
        get(askAsUser("rory", "rory-password"));
    }

    private void clientTokenProvider()
    {
        TokenProvider provider = clientProvider("reader-client", "reader-secret");
        String header = get(provider.getToken(context));
        require(header.toLowerCase().startsWith("bearer "), "not a bearer token");
        same(List.of("pks.clusters.admin.read"), get(askAbout(header.substring(7))).getScopes(), "scope");
    }

    private void passwordTokenProvider()
    {
        TokenProvider provider = PasswordGrantTokenProvider.builder()
            .clientId("pks_cli").clientSecret("").username("rory").password("rory-password").build();
        String header = get(provider.getToken(context));
        same("rory", get(askAbout(header.substring(7))).getUserName(), "user_name");
        same("rory", get(client(provider).getUsername()), "user name that the client reads out of the token");
    }

    private boolean run()
    {
        check("info", this::info);
        check("token-keys", this::listKeys);
        check("token-key", this::signingKey);
        check("client-credentials", this::clientCredentials);
        check("password", this::password);
        check("refresh", this::refresh);
        check("check-user-token", this::checkUserToken);
        check("check-client-token", this::checkClientToken);
        check("check-altered-token", this::checkAlteredToken);
        check("wrong-secret", this::wrongSecret);
        check("wrong-password", this::wrongPassword);
        check("client-token-provider", this::clientTokenProvider);
        check("password-token-provider", this::passwordTokenProvider);
        System.out.println(passed + " passed, " + failed + " failed");
        return failed == 0;
    }

    public static void main(String[] arguments)
    {
        PeerClient peer = new PeerClient(arguments[0], arguments[1]);
        boolean good = peer.run();
        peer.context.dispose();
        System.exit(good ? 0 : 1);
    }
}
