#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/http_server.h"
#include "api/listen_int.h"

enum { BACKLOG = 256 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool is_loopback(const union address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

/* fth_http_host() reads the host; a port of 0, which it refuses, stands for any free one. */
static bool parse_address(const char *text, union address *out, socklen_t *out_len)
{
    struct fth_str all = fth_str_c(text), host;
    char name[64];
    uint64_t port;
    size_t colon = fth_str_rfind(all, ':');

    if (colon == SIZE_MAX || !fth_str_to_u64(fth_str_sub(all, colon + 1, all.n), &port) ||
        port > UINT16_MAX)
        return false;
    host = fth_str_sub(all, 0, colon);
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = fth_str_sub(host, 1, host.n - 2);
    if (fth_str_eq_c(host, "localhost"))
        host = FTH_STR("127.0.0.1");
    if (host.n == 0 || host.n >= sizeof(name))
        return false;
    snprintf(name, sizeof(name), FTH_STR_F, FTH_STR_A(host));

    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, name, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons((uint16_t)port);
        *out_len = sizeof(out->v4);
        return true;
    }
    if (inet_pton(AF_INET6, name, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons((uint16_t)port);
        *out_len = sizeof(out->v6);
        return true;
    }
    return false;
}

static enum fth_rc bind_and_listen(int fd, const struct sockaddr *address, socklen_t len,
                                   const char *name, struct fth_err *err)
{
    if (bind(fd, address, len) == 0 && listen(fd, BACKLOG) == 0)
        return FTH_OK;
    if (errno == EADDRINUSE) {
        fth_err_set(err, FTH_E_BUSY, "cannot listen on %s: the address is in use", name);
        fth_err_hint(err, "Name another with --listen, or stop the process that has it.");
        return err->rc;
    }
    return fth_err_errno(err, errno, "cannot listen on %s", name);
}

bool fth_http_is_loopback(const char *address)
{
    union address at;
    socklen_t len;

    return !parse_address(address, &at, &len) || is_loopback(&at);
}

enum fth_rc fth_listen_tcp(const char *address, bool beyond, int *fd, uint16_t *port,
                           struct fth_err *err)
{
    union address at;
    socklen_t len;
    int sock, on = 1;

    if (!parse_address(address, &at, &len))
        return fth_err_set(err, FTH_E_INVALID,
                           "cannot listen on \"%s\": not an address and port like 127.0.0.1:8642",
                           address);
    if (!is_loopback(&at) && !beyond) {
        fth_err_set(err, FTH_E_DENIED,
                    "cannot listen on %s: only loopback addresses where nobody has to sign in",
                    address);
        fth_err_hint(err, "Take back auth.login=off, or listen on 127.0.0.1.");
        return err->rc;
    }
    sock = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock < 0)
        return fth_err_errno(err, errno, "cannot listen on %s", address);
    (void)setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind_and_listen(sock, &at.any, len, address, err))
        goto out;
    if (getsockname(sock, &at.any, &len) != 0) {
        fth_err_errno(err, errno, "cannot listen on %s", address);
        goto out;
    }
    *port = ntohs(at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port);
    *fd = sock;
    return FTH_OK;
out:
    close(sock);
    return err->rc;
}

enum fth_rc fth_listen_unix(const char *path, int *fd, struct fth_err *err)
{
    union {
        struct sockaddr any;
        struct sockaddr_un un;
    } at = {.un = {.sun_family = AF_UNIX}};
    mode_t mask;
    int sock;

    if (strlen(path) >= sizeof(at.un.sun_path)) {
        fth_err_set(err, FTH_E_LIMIT, "%s: too long for the name of a socket (most is %zu bytes)",
                    path, sizeof(at.un.sun_path) - 1);
        fth_err_hint(err, "Choose a data directory with a shorter path.");
        return err->rc;
    }
    memcpy(at.un.sun_path, path, strlen(path) + 1);
    if (unlink(path) != 0 && errno != ENOENT)
        return fth_err_errno(err, errno, "%s", path);
    sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (sock < 0)
        return fth_err_errno(err, errno, "cannot listen on %s", path);
    /* The mask is the process's, but a socket that exists with open permissions, even for a moment,
     * is worse than a file of another thread with narrow ones. */
    mask = umask(0177);
    (void)bind_and_listen(sock, &at.any, sizeof(at.un), path, err);
    umask(mask);
    if (err->rc) {
        close(sock);
        return err->rc;
    }
    *fd = sock;
    return FTH_OK;
}

int fth_listen_peer_is_owner(int fd)
{
    struct ucred who;
    socklen_t len = sizeof(who);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}
