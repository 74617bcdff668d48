#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

void fth_address_place(struct fth_str address, char out[FTH_PLACE_MAX])
{
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN];

    snprintf(out, FTH_PLACE_MAX, FTH_STR_F, FTH_STR_A(fth_str_sub(address, 0, FTH_PLACE_MAX - 1)));
    if (inet_pton(AF_INET6, out, &v6) != 1)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        (void)inet_ntop(AF_INET, v6.s6_addr + 12, out, FTH_PLACE_MAX);
        return;
    }
    memset(v6.s6_addr + 8, 0, 8);
    if (inet_ntop(AF_INET6, &v6, text, sizeof(text)))
        snprintf(out, FTH_PLACE_MAX, "%s/64", text);
}
