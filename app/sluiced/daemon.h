/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The daemon's parts: what they share, and what each file offers the others.
 *
 * Two threads meet here: the main thread, in the loop of server.c, and DPDK's interrupt thread,
 * in the handlers of requests.c. A port's lock guards its service; all else is the main thread's.
 * The lock is taken before the PF driver's own, never after: the driver calls with none held.
 */
#ifndef SLUICED_DAEMON_H
#define SLUICED_DAEMON_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "device.h"
#include "iov.h"
#include "server.h"
#include "service.h"

#define TICK_MS 100 /**< notices to VFs, and the fallback for an interrupt that does not come */

/** What has been logged about a VF lately, so that a babbling VF cannot fill the journal. */
struct audit_limit {
	uint64_t since_ms;
	unsigned int lines, dropped;
};

/** How the daemon ends, once somebody wants it to. */
enum leave {
	LEAVE_NOT,
	LEAVE_WHEN_DRAINED,   /**< when no VF is in use */
	LEAVE_NOW,
	LEAVE_TO_SUCCESSOR,   /**< with the PFs running, which somebody else holds too */
};

/** Counters of a port's VFs at the last look. */
struct watching {
	uint64_t next_ms; /**< 0: there was none yet */
	uint64_t tx_packets[CONFIG_VFS_MAX], lock_taken[CONFIG_VFS_MAX], spoofed[CONFIG_VFS_MAX];
	uint64_t broadcast; /**< of the port */
	uint64_t tx_bytes;  /**< of all VFs, as the driver had last read them */
	/** In quarantine, and was found without access to the bus: under the port's lock. */
	bool was_off[CONFIG_VFS_MAX];
};

struct port {
	struct daemon *daemon;
	struct iov_port iov;
	struct iov_device device; /**< not open for an external port */
	int kept_fd;              /**< of kept; -1: none */
	bool taken_over;          /**< device and books were kept: the PF runs, and goes on */
	uint8_t handed;           /**< bit i: descriptor i of hold.c was held for us */
	/** It is to be set up anew, with the policies of its books: the number of VFs changes. */
	bool again;
	bool held;                /**< somebody holds them beside us */
	uint16_t port_id;
	pthread_mutex_t lock;
	struct vf_service *service; /**< in kept, or ours alone */
	struct kept *kept;          /**< NULL for an external port */
	struct audit_limit limit[CONFIG_VFS_MAX];
	struct watching watching; /**< the main thread's */
	struct capture *capture;  /**< NULL: none runs; the main thread's */
	uint64_t next_look_ms;    /**< for events without an interrupt; 0: none yet */
	uint64_t looks_until_ms;  /**< so long at each tick, as a look has found some */
};

struct daemon {
	const char *config_file;
	struct config config;
	char token[IOV_TOKEN_BYTES];
	int lock_fd;
	uint16_t nb_taken; /**< ports on vfio-pci: of the first nb_taken, iov is valid */
	uint16_t nb_open;  /**< ports served: of the first nb_open, all is valid */
	struct port port[CONFIG_PORTS_MAX];
	struct control_server *server;
	enum leave leave;
	bool stopping; /**< the loop is to end, with this status: */
	int status;
};

/* --- log.c: one line per event, to stderr; with the journal's priorities if that reads it --- */

void log_set_level(enum config_log_level level);

__attribute__((format(printf, 2, 3))) void log_line(enum config_log_level level, const char *format,
						    ...);

uint64_t now_ms(void);

/** sysexits.h's word for a -errno. */
int exit_code_of(int rc);

/* --- audit.c --- */

/** Log one decision about a request; the port's lock is held. */
void audit_verdict(void *port, const struct service_verdict *verdict);

/** Log that the device stopped a queue of a VF; the port's lock is held. */
void audit_malicious(struct port *port, uint16_t vf, uint16_t queue, uint32_t cause);

/**
 * Log what was changed by an operator or the link, by any thread.
 *
 * @param vf  or CONTROL_VF_NONE: the port's
 * @param kind  "policy", "link"
 */
void audit_change(const struct port *port, int vf, const char *kind, const char *text);

/** Say how many lines were left out, if that is due; the port's lock is held. */
void audit_tick(struct port *port);

/* --- audit_json.c: the same as JSON, for programs: into a file, and for those who watch --- */

/**
 * Append to this file from now on; empty: to none. The main thread's.
 *
 * @return 0; or -errno, logged, and what was open stays so
 */
int audit_json_open(const char *path);
void audit_json_verdict(const struct port *port, const struct service_verdict *verdict);
/** What is no answer to a request; @p vf may be CONTROL_VF_NONE. */
void audit_json_event(const struct port *port, int vf, const char *kind, bool ok, const char *text);
void audit_json_left_out(const struct port *port, uint16_t vf, unsigned int nb);

/* --- events.c: those who watch --- */

/** Answer CONTROL_WATCH, by the server's terms. */
char *events_answer(const struct control_request *request, struct control_stream **stream);
bool events_are_wanted(void);
/** Any thread; never waits. @param vf  or CONTROL_VF_NONE: the port's */
void events_publish(const char *pci, int vf, const char *line, size_t bytes);

/* --- watching.c: what VFs do too much of --- */

/** Look at counters, and end what has lasted its time; to be called every TICK_MS. */
void watching_tick(struct port *port);
void watching_set_rules(struct port *port, const struct watch_rules *rules);

/* --- instance.c: one daemon per state directory --- */

/** @return 0; -EBUSY with the other's pid (0: not known); or -errno */
int instance_lock(const char *state_dir, int *lock_fd, int *other_pid);

/* --- hold.c: the PFs' descriptors, which somebody else holds too --- */

/** What outlives the daemon besides descriptors, in memory that is held with them. */
struct kept;

/** Find the descriptors that were held for us; first of all, as it finds all ports unopened. */
void hold_take_over(struct daemon *daemon);

/** Open the others, and have them held; 0 or -errno, logged. */
int hold_open(struct daemon *daemon);

/** Is there a PF that runs on, or is to, whatever becomes of us? */
bool hold_any_taken_over(const struct daemon *daemon);

/** Was its device held for us: is it ours, and is somebody's memory mapped for it? */
bool hold_was_handed(const struct port *port);

/** Is there no port that our end would reset? */
bool hold_everything(const struct daemon *daemon);

/** Leave a successor the time until which we were there. */
void hold_see(struct daemon *daemon);

/** Say for how long the ports that were taken over had nobody. */
void hold_say_back(const struct daemon *daemon);

/** Close them all, here and there: the kernel may reset the PFs. */
void hold_release(struct daemon *daemon);

/* --- kept.c: the books of a port, in memory that may outlive us --- */

/** How they lie in memory; two builds with the same number can read each other's. */
extern const uint64_t books_layout;

/**
 * Map the memory behind a descriptor, or of a new one if that is -1.
 *
 * @param fd  is set to the new one's
 * @return NULL with errno set; EILSEQ: the memory is of a build with other structures
 */
struct kept *kept_map(int *fd);
void kept_unmap(struct kept *kept);

struct vf_service *kept_service(struct kept *kept);
/** The PF driver's books: those in use (NULL: none yet), and where the next are to be made. */
const void *kept_books(const struct kept *kept);
void *kept_next_books(struct kept *kept);
/** The next books are those in use from here on. */
void kept_turn(struct kept *kept);
/** The owner lives, at that time of now_ms(), which is all processes'. */
void kept_see(struct kept *kept, uint64_t now_ms);
/** When the last owner was last seen to live; 0: never. */
uint64_t kept_seen_ms(const struct kept *kept);
/** Is all there that a successor needs? */
bool kept_is_whole(const struct kept *kept);
void kept_set_whole(struct kept *kept, bool whole);
/** How many VFs the port has; not whole: that it is to go back to. -1: it never had any books. */
int kept_num_vfs(const struct kept *kept);
void kept_set_num_vfs(struct kept *kept, uint16_t num_vfs);

/* --- attach.c: from those descriptors to a device that the PF driver takes --- */

/** Before DPDK starts. */
void attach_prepare(struct daemon *daemon);

/* --- eal.c --- */

/** Start DPDK with the PFs of the configuration, and nothing else; 0 or -errno, logged. */
int eal_start(struct daemon *daemon);
void eal_stop(void);

/* --- ports.c --- */

/** Is everything there to take the ports? Changes nothing; logs all that is missing. */
int ports_check(const struct daemon *daemon);

/** Bind the PFs to vfio-pci and make their VFs; 0 or -errno, logged. */
int ports_take(struct daemon *daemon);

/** Serve the VFs; 0 or -errno, logged. */
int ports_open(struct daemon *daemon);

/** The VFs that a PF should have, and their drivers. */
struct iov_request ports_request(const struct config *config, const struct config_port *port,
				 uint16_t num_vfs);

/**
 * Reset a port that is open, and serve as many VFs as port->iov has now, with the policies that the
 * service has. Its lock is not held.
 *
 * @param why  is filled on failure: the port does not serve, and this may be called again
 * @return 0 or -errno
 */
int ports_restart(struct port *port, const struct config_port *config,
		  char why[CONTROL_ERROR_BYTES]);

/** As far as they were opened and taken. */
void ports_close(struct daemon *daemon);
void ports_give_back(struct daemon *daemon);

/* --- requests.c: VF requests of one port, from the PF driver to the service and back --- */

/**
 * To be called before the port is started.
 *
 * @param why  on failure, what else there is to say about it than the -errno; may be empty
 * @return 0 or -errno
 */
int requests_start(struct port *port, const struct config_port *config,
		   char why[CONTROL_ERROR_BYTES]);

/** To be called every TICK_MS; -EIO: the device is gone. */
int requests_tick(struct port *port);

/* --- port_switch.c: what is set for a whole port --- */

/**
 * All of it or nothing.
 *
 * @param old  what is in force; NULL: not known, and nothing is put back on failure
 * @param why  is filled on failure
 * @return 0 or -errno
 */
int port_switch_set(const struct port *port, const struct config_port *old,
		    const struct config_port *wanted, char why[CONTROL_ERROR_BYTES]);

/** Log what changed. */
void port_switch_log(const struct port *port, const struct config_port *old,
		     const struct config_port *now);

/* --- vfs.c: another number of VFs --- */

/**
 * Go over to another number of VFs, or stay with the one that there is. All of the port's VFs are
 * others then; nobody must be using one, unless the port is external.
 *
 * @param config    which drivers the VFs are for, and the port's switches
 * @param old       the same of those that there are
 * @param policies  CONFIG_VFS_MAX of them; NULL: what the VFs of these numbers had last
 * @param why       is filled on failure
 * @return 0 or -errno
 */
int vfs_change(struct port *port, const struct config_port *config, const struct config_port *old,
	       uint16_t num_vfs, const struct vf_policy *policies, char why[CONTROL_ERROR_BYTES]);

/* --- control.c: the operator's requests --- */

control_answer_t control_answer;

/** What a port is like, and its VFs, or only one. By any thread. */
void control_show_port(const struct daemon *daemon, struct port *port, int only_vf,
		       struct control_port *shown);

/** Set a VF's policy; 0, or -errno and why. */
int control_set_policy(struct port *port, uint16_t vf, const struct vf_policy *policy,
		       char why[CONTROL_ERROR_BYTES]);

/** A line for each key that is not as it was; @p by says who did it. @return how many */
unsigned int control_log_changes(const struct port *port, uint16_t vf,
				 const struct vf_policy *old, const char *by);

/** The same of the number of VFs, if it is another one. */
void control_log_num_vfs(const struct port *port, uint16_t before, const char *by);

/* --- reload.c: SIGHUP --- */

/** Give all ports and VFs what @p wanted says, or none; 0 or -errno, logged. */
int reload_config(struct daemon *daemon, const struct config *wanted);

/* --- capture.c: what a VF receives --- */

/** Answer CONTROL_CAPTURE, for a VF of this port. */
char *capture_answer(struct port *port, const struct control_request *request,
		     const struct control_peer *peer, struct control_stream **stream);

/* --- leave.c: the operator has the daemon end --- */

/** Answer CONTROL_STOP, CONTROL_DRAIN or CONTROL_UPGRADE. */
char *leave_answer(struct daemon *daemon, enum control_cmd cmd);

/** To be called every TICK_MS: end if it is time. */
void leave_tick(struct daemon *daemon);

/** End at once with all as it is; the keeper starts a successor. */
__attribute__((noreturn)) void leave_to_successor(struct daemon *daemon);

/* --- privilege.c, seccomp.c: what a daemon that was broken into could do; no-ops unless
 * `sandbox` is configured --- */

/** Give up what root may and we do not need; before there are threads. 0 or -errno, logged. */
int privilege_drop(const struct config *config);

/** From here on, by any thread, only the system calls that we make. 0 or -errno, logged. */
int seccomp_enter(const struct config *config);

/* --- telemetry.c: the same on DPDK's socket --- */

/** Ports are open from here on ... */
void telemetry_start(struct daemon *daemon);
/** ... to here, where nobody looks at them any more. */
void telemetry_stop(void);

/* --- server.c --- */

/** Serve until a signal or a failure ends it; the exit status. */
int server_run(struct daemon *daemon);

#endif /* SLUICED_DAEMON_H */
