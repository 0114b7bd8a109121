package junction;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.security.sasl.AuthenticationException;
import org.apache.hive.service.auth.PasswdAuthenticationProvider;

/** Admits one user by name and password; nobody before `admit`. The Thrift server makes one for each login. */
public final class PasswordAuthentication implements PasswdAuthenticationProvider {
    private static byte[] admitted;

    /** Sets the user of all servers of this process. */
    public static synchronized void admit(String user, String password) {
        admitted = digest(user, password);
    }

    @Override
    public void Authenticate(String user, String password) throws AuthenticationException {
        synchronized (PasswordAuthentication.class) {
            if (admitted == null || !MessageDigest.isEqual(admitted, digest(user, password))) {
                throw new AuthenticationException("User or password is wrong.");
            }
        }
    }

    private static byte[] digest(String user, String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(String.valueOf(user).getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return sha.digest(String.valueOf(password).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }
}
