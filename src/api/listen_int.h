/*
 * listen: the sockets that the server listens on, before any HTTP.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_LISTEN_INT_H
#define FTH_LISTEN_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Listens on "HOST:PORT" (an IPv4 address, an IPv6 one in brackets, or localhost; port 0 takes a
 * free one). Others than loopback addresses only with `beyond`: then people have to sign in. Sets
 * the descriptor and the port. FTH_E_INVALID, FTH_E_DENIED (not loopback), FTH_E_BUSY (taken). */
enum fth_rc fth_listen_tcp(const char *address, bool beyond, int *fd, uint16_t *port,
                           struct fth_err *err);

/* Listens on a Unix socket that only its owner may use, in place of what a dead process left there.
 * The caller has made sure (by its lock) that no living one serves it. FTH_E_LIMIT when the path is
 * too long for a socket's name. */
enum fth_rc fth_listen_unix(const char *path, int *fd, struct fth_err *err);

/* Does the process at the other end of a Unix socket run as our user, or as root? */
int fth_listen_peer_is_owner(int fd);

#endif
