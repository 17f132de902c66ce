/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Arguments, and the order of coming and going. */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon.h"
#include "version.h"

static void
usage(FILE *stream)
{
	fprintf(stream,
		"usage: sluiced [-c FILE] [--check] [--schema] [--version] [-h]\n"
		"\n"
		"Owns the PFs of FILE: makes their VFs, answers their mailboxes, enforces policy.\n"
		"\n"
		"  -c, --config FILE  the configuration, or a directory of such files\n"
		"                     (default " CONFIG_DEFAULT_FILE ")\n"
		"      --check        check FILE and this machine, change nothing\n"
		"      --schema       print the JSON Schema of FILE\n"
		"      --version      print the version\n"
		"  -h, --help         print this\n"
		"\n"
		"SIGHUP reads FILE again and applies the VFs' policies, all or none; SIGTERM and\n"
		"SIGINT stop the daemon and put the PFs back as they were found.\n");
}

static void
print_schema(void)
{
	json_t *schema = config_schema();

	(void)json_dumpf(schema, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(schema);
}

static void
parse_arguments(int argc, char **argv, const char **file, bool *check)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "schema", no_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL },
	};
	int option;

	opterr = 0; /* one line, ours */
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			*file = optarg;
			break;
		case 'k':
			*check = true;
			break;
		case 's':
			print_schema();
			exit(EX_OK);
		case 'v':
			printf("sluiced %s (books %016" PRIx64 ")\n", sluice_version,
			       books_layout);
			exit(EX_OK);
		case 'h':
			usage(stdout);
			exit(EX_OK);
		default:
			fprintf(stderr,
				"sluiced: %s: no such option, or nothing after it; see "
				"sluiced --help\n",
				argv[optind - 1]);
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "sluiced: %s: no such argument; see sluiced --help\n",
			argv[optind]);
		exit(EX_USAGE);
	}
}

/* Before there is any other thread, as they inherit it; server.c reads them from a signalfd. */
static void
block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
lock_instance(struct daemon *daemon)
{
	const char *state_dir = daemon->config.state_dir;
	int pid, rc = instance_lock(state_dir, &daemon->lock_fd, &pid);

	if (rc == -EBUSY)
		log_line(CONFIG_LOG_ERROR, "already running (pid %d) with state_dir %s", pid,
			 state_dir);
	else if (rc < 0)
		log_line(CONFIG_LOG_ERROR, "%s: %s", state_dir, strerror(-rc));
	return rc;
}

static int
load_token(struct daemon *daemon)
{
	char path[CONFIG_PATH_BYTES + 16];
	struct iov_problem problem;
	int rc;

	snprintf(path, sizeof(path), "%s/vf-token", daemon->config.state_dir);
	rc = iov_token_load(path, daemon->token, &problem);
	if (rc < 0)
		log_line(CONFIG_LOG_ERROR, "%s", problem.line);
	return rc;
}

static int
listen_for_control(struct daemon *daemon)
{
	char error[CONTROL_ERROR_BYTES];

	daemon->server =
		control_server_create(daemon->config.control_socket, daemon->config.control_group,
				      control_answer, daemon, error);
	if (daemon->server != NULL)
		return 0;
	log_line(CONFIG_LOG_ERROR, "%s", error);
	return -errno;
}

/*
 * Who fails to go on with descriptors that were held for him is to be tried again: that is how
 * systemd's RestartPreventExitStatus= tells him from who lacks something at his first start.
 */
static int
status_of_failure(bool any_held, int rc)
{
	return any_held ? EX_OSERR : exit_code_of(rc);
}

static int
run(struct daemon *daemon)
{
	int status, rc;

	hold_take_over(daemon);
	rc = ports_check(daemon);

	if (rc == 0)
		rc = load_token(daemon);
	if (rc == 0)
		rc = audit_json_open(daemon->config.audit_log);
	if (rc < 0)
		return status_of_failure(hold_any_taken_over(daemon), rc);
	/* Taken one by one: some may be ours when another is refused. */
	rc = ports_take(daemon);
	if (rc == 0) {
		log_line(CONFIG_LOG_DEBUG, "VFs made");
		rc = hold_open(daemon);
	}
	if (rc == 0)
		rc = privilege_drop(&daemon->config);
	if (rc == 0)
		rc = eal_start(daemon);
	if (rc < 0)
		goto give_back;
	log_line(CONFIG_LOG_DEBUG, "DPDK started");
	rc = ports_open(daemon);
	if (rc == 0)
		rc = listen_for_control(daemon);
	if (rc < 0)
		goto close_ports;
	telemetry_start(daemon);
	rc = seccomp_enter(&daemon->config);
	status = rc < 0 ? exit_code_of(rc) : server_run(daemon);

	telemetry_stop();
	control_server_free(daemon->server);
	ports_close(daemon);
	hold_release(daemon);
	ports_give_back(daemon);
	eal_stop();
	return status;

close_ports:
	if (!hold_any_taken_over(daemon))
		ports_close(daemon);
give_back:
	/* VFs that run are not to pay for it: whoever holds the PF may try once more. */
	if (hold_any_taken_over(daemon))
		return status_of_failure(true, rc);
	hold_release(daemon);
	ports_give_back(daemon);
	return exit_code_of(rc);
}

/* While a daemon runs, the ports are in use as they should be. */
static int
check_only(struct daemon *daemon)
{
	int pid, rc = 0;

	/* Taking the lock would make the directory. */
	if (access(daemon->config.state_dir, F_OK) == 0)
		rc = instance_lock(daemon->config.state_dir, &daemon->lock_fd, &pid);
	if (rc == -EBUSY) {
		printf("%s: good; sluiced runs (pid %d), so the machine was not checked\n",
		       daemon->config_file, pid);
		return EX_OK;
	}
	rc = ports_check(daemon);
	if (rc == 0)
		printf("%s: good, and so is the machine\n", daemon->config_file);
	return exit_code_of(rc);
}

int
main(int argc, char **argv)
{
	static struct daemon daemon = { .config_file = CONFIG_DEFAULT_FILE };
	char error[CONFIG_ERROR_BYTES];
	bool any_held = sd_listen_fds(0) > 0, check = false;
	int rc;

	parse_arguments(argc, argv, &daemon.config_file, &check);
	if (config_load(daemon.config_file, &daemon.config, error) < 0) {
		log_line(CONFIG_LOG_ERROR, "%s", error);
		return any_held ? EX_OSERR : EX_CONFIG;
	}
	log_set_level(daemon.config.log_level);
	if (check)
		return check_only(&daemon);
	block_signals();
	rc = lock_instance(&daemon);
	return rc < 0 ? status_of_failure(any_held, rc) : run(&daemon);
}
