/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the subcommands share.
 */
#ifndef SLUICECTL_CTL_H
#define SLUICECTL_CTL_H

#include <stdbool.h>
#include <sys/types.h>

#include "protocol.h"

struct ctl {
	const char *socket;
	bool is_default_socket;
	const char *port; /**< of --port; NULL: the only one */
	const char *vf;	  /**< of --vf; NULL: none */
	bool once;        /**< of top */
	bool json;        /**< print what the daemon says, as it says it */
	bool report;         /**< doctor: for somebody who does not see this machine */
	bool drain;       /**< stop: when no VF is in use */
	/* capture's, as they were typed; NULL: not given */
	const char *file, *count, *snaplen, *seconds;
	const char *timeout; /**< of that, in seconds; NULL: none */
};

/* Subcommands: argv[0] is the subcommand's name; they return the exit status. */
int show_main(struct ctl *ctl, int argc, char **argv);
int set_main(struct ctl *ctl, int argc, char **argv);
int quarantine_main(struct ctl *ctl, int argc, char **argv);
int release_main(struct ctl *ctl, int argc, char **argv);
int token_main(struct ctl *ctl, int argc, char **argv);
int top_main(struct ctl *ctl, int argc, char **argv);
int metrics_main(struct ctl *ctl, int argc, char **argv);
int doctor_main(struct ctl *ctl, int argc, char **argv);
int validate_main(struct ctl *ctl, int argc, char **argv);
int stop_main(struct ctl *ctl, int argc, char **argv);
int upgrade_main(struct ctl *ctl, int argc, char **argv);
int capture_main(struct ctl *ctl, int argc, char **argv);
int watch_main(struct ctl *ctl, int argc, char **argv);
int vfs_main(struct ctl *ctl, int argc, char **argv);

/** Say what is wrong with the arguments, in one line; EX_USAGE. */
__attribute__((format(printf, 1, 2))) int ctl_refuse(const char *format, ...);

/** Print a line of what no daemon said, and release it; EX_OK or EX_OSERR. */
int ctl_print_json(json_t *object);

/** A request for --port and --vf, where they are given; 0 or EX_USAGE. */
int ctl_request(const struct ctl *ctl, enum control_cmd cmd, struct control_request *request);

/** Take PORT from the front of the arguments, of which there are some; 0 or EX_USAGE. */
int ctl_take_port(struct control_request *request, int *argc, char ***argv);

/** Read "PORT", "vf N", or both, from the front of the arguments; 0 or EX_USAGE. */
int ctl_target(struct control_request *request, int *argc, char ***argv);

/** A request for what a subcommand's arguments name so, and nothing else; 0 or EX_USAGE. */
int ctl_request_of(const struct ctl *ctl, enum control_cmd cmd, int argc, char **argv,
		   struct control_request *request);

/**
 * Ask the daemon. A refusal is printed.
 *
 * @return EX_OK with @p reply filled, to be released with json_decref(reply->object); or the exit
 *         status
 */
int ctl_ask(const struct ctl *ctl, const struct control_request *request,
	    struct control_reply *reply);

/**
 * The same for what is answered with a stream, whose reply is not printed.
 *
 * @param fd  non-blocking, behind the reply; to be closed
 */
int ctl_open(const struct ctl *ctl, const struct control_request *request, int *fd);

/** Who listens at the socket, by the kernel's word; 0: somebody in another PID namespace; or -1. */
pid_t ctl_daemon_pid(const struct ctl *ctl);

/** A descriptor that is readable once Ctrl-C is pressed, or somebody else ends us; or -errno. */
int ctl_until_ended(void);

/**
 * Before the daemon is to make room for the program that is installed: could that go on? Needs
 * root; without it nothing is found.
 *
 * @return EX_OK; or EX_UNAVAILABLE, and it is said why not
 */
int successor_check(const struct ctl *ctl);

#endif /* SLUICECTL_CTL_H */
