/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The descriptors that outlive a daemon, between two lives of it and a keeper of this test's own,
 * which speaks what sd_notify(3) and sd_listen_fds(3) speak. The devices are files in memory.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon.h"
#include "fake_daemon.h"

/* The PF driver's; what is in its books does not matter here. */
size_t pf_kept_bytes(void);

#define HELD_MAX   16
#define SAFE_FD	   100	/* above all that are handed over */
#define FIRST_FD   3
#define NB_FDS	   4	/* of a port */
#define TEXT_BYTES 256

/* --- The keeper --- */

static struct {
	int fd;
	pthread_t thread;
	unsigned int nb;
	struct {
		int fd;
		char name[IOV_FD_NAME_BYTES];
	} held[HELD_MAX];
} keeper;

static ino_t
inode(int fd)
{
	struct stat info;

	return fstat(fd, &info) < 0 ? 0 : info.st_ino;
}

static bool
line_of(const char *text, const char *key, char value[IOV_FD_NAME_BYTES])
{
	const char *at = strstr(text, key);

	if (at == NULL)
		return false;
	at += strlen(key);
	snprintf(value, IOV_FD_NAME_BYTES, "%.*s", (int)strcspn(at, "\n"), at);
	return true;
}

static void
forget(const char *name)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < keeper.nb; i++) {
		if (strcmp(keeper.held[i].name, name) == 0)
			close(keeper.held[i].fd);
		else
			keeper.held[left++] = keeper.held[i];
	}
	keeper.nb = left;
}

static bool
is_held(int fd)
{
	for (unsigned int i = 0; i < keeper.nb; i++)
		if (inode(keeper.held[i].fd) == inode(fd))
			return true;
	return false;
}

static void
obey(const char *text, int fd)
{
	char name[IOV_FD_NAME_BYTES];

	if (line_of(text, "FDSTOREREMOVE=1\nFDNAME=", name)) {
		forget(name);
	} else if (fd >= 0 && line_of(text, "FDNAME=", name) && !is_held(fd) &&
		   keeper.nb < HELD_MAX) {
		keeper.held[keeper.nb].fd = fcntl(fd, F_DUPFD_CLOEXEC, SAFE_FD);
		strcpy(keeper.held[keeper.nb++].name, name);
	}
	/* Which is what a barrier waits for. */
	if (fd >= 0)
		close(fd);
}

static void *
keep(void *arg)
{
	char text[TEXT_BYTES], control[CMSG_SPACE(sizeof(int))];

	(void)arg;
	for (;;) {
		struct iovec data = { .iov_base = text, .iov_len = sizeof(text) - 1 };
		struct msghdr header = {
			.msg_iov = &data,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t nb = recvmsg(keeper.fd, &header, MSG_CMSG_CLOEXEC);
		struct cmsghdr *passed = nb < 0 ? NULL : CMSG_FIRSTHDR(&header);
		int fd = -1;

		if (nb <= 0)
			return NULL;
		text[nb] = '\0';
		if (passed != NULL && passed->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(passed), sizeof(fd));
		obey(text, fd);
	}
}

static int
start_keeper(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[TEXT_BYTES];

	(void)state;
	keeper.fd = fcntl(fd, F_DUPFD_CLOEXEC, SAFE_FD);
	close(fd);
	if (bind(keeper.fd, (struct sockaddr *)&address, sizeof(address.sun_family)) < 0 ||
	    getsockname(keeper.fd, (struct sockaddr *)&address, &bytes) < 0)
		return -1;
	snprintf(text, sizeof(text), "@%.*s", (int)(bytes - sizeof(address.sun_family) - 1),
		 address.sun_path + 1);
	setenv("NOTIFY_SOCKET", text, 1);
	return pthread_create(&keeper.thread, NULL, keep, NULL);
}

static int
end_keeper(void **state)
{
	(void)state;
	shutdown(keeper.fd, SHUT_RDWR);
	pthread_join(keeper.thread, NULL);
	close(keeper.fd);
	for (unsigned int i = 0; i < keeper.nb; i++)
		close(keeper.held[i].fd);
	keeper.nb = 0;
	return 0;
}

/* As a program is started: with all that is held from descriptor 3 on. */
static void
hand_over(void)
{
	char names[HELD_MAX * IOV_FD_NAME_BYTES] = "", number[16];

	for (unsigned int i = 0; i < keeper.nb; i++) {
		assert_return_code(dup2(keeper.held[i].fd, FIRST_FD + (int)i), 0);
		if (i > 0)
			strcat(names, ":");
		strcat(names, keeper.held[i].name);
	}
	snprintf(number, sizeof(number), "%d", getpid());
	setenv("LISTEN_PID", number, 1);
	snprintf(number, sizeof(number), "%u", keeper.nb);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

/* --- What the daemon has besides --- */

const struct iov_root iov_root_system;
static unsigned int nb_opened;

size_t
pf_kept_bytes(void)
{
	return 512;
}

void
iov_device_fd_name(const char *pci, enum iov_fd which, char name[IOV_FD_NAME_BYTES])
{
	static const char *const suffix[] = { "container", "group", "device" };

	snprintf(name, IOV_FD_NAME_BYTES, "%.4s-%.2s-%s-%s", pci, pci + 5, pci + 8, suffix[which]);
}

int
iov_device_open(const struct iov_root *root, const char *pci, const char *token,
		struct iov_device *device, struct iov_problem *problem)
{
	(void)root;
	(void)token;
	(void)problem;
	snprintf(device->pci, sizeof(device->pci), "%s", pci);
	for (int which = 0; which < IOV_NB_FDS; which++)
		device->fd[which] = memfd_create(pci, MFD_CLOEXEC);
	nb_opened++;
	return 0;
}

void
iov_device_close(struct iov_device *device)
{
	for (int which = 0; which < IOV_NB_FDS; which++) {
		if (device->fd[which] >= 0)
			close(device->fd[which]);
		device->fd[which] = -1;
	}
}

/* --- Lives --- */

static struct daemon life;

static void
be_born(uint16_t nb_ports)
{
	memset(&life, 0, sizeof(life));
	life.config.nb_ports = nb_ports;
	strcpy(life.config.port[0].pci, "0000:01:00.0");
	strcpy(life.config.port[1].pci, "0000:02:00.0");
	last_line[0] = '\0';
	nb_opened = 0;
	hand_over();
	hold_take_over(&life);
}

/* All that it had is closed by the kernel. */
static void
die(void)
{
	for (uint16_t i = 0; i < life.config.nb_ports; i++) {
		iov_device_close(&life.port[i].device);
		close(life.port[i].kept_fd);
		kept_unmap(life.port[i].kept);
	}
	for (unsigned int fd = FIRST_FD; fd < FIRST_FD + HELD_MAX; fd++)
		close((int)fd);
}

static void
serve(void)
{
	assert_int_equal(hold_open(&life), 0);
	for (uint16_t i = 0; i < life.config.nb_ports; i++) {
		kept_turn(life.port[i].kept);
		kept_set_whole(life.port[i].kept, true);
	}
}

static void
the_next_life_has_the_same(void **state)
{
	ino_t before[NB_FDS];

	(void)state;
	be_born(1);
	assert_false(hold_any_taken_over(&life));
	serve();
	assert_int_equal(nb_opened, 1);
	assert_true(hold_everything(&life));
	assert_int_equal(keeper.nb, NB_FDS);
	for (int i = 0; i < NB_FDS; i++)
		before[i] = inode(i < IOV_NB_FDS ? life.port[0].device.fd[i]
						 : life.port[0].kept_fd);
	kept_service(life.port[0].kept)->nb_vfs = 5;
	hold_see(&life);
	die();

	clock_ms += 321;
	be_born(1);
	assert_true(hold_any_taken_over(&life));
	assert_true(hold_everything(&life));
	for (int i = 0; i < NB_FDS; i++)
		assert_int_equal(before[i], inode(i < IOV_NB_FDS ? life.port[0].device.fd[i]
								 : life.port[0].kept_fd));
	assert_int_equal(kept_service(life.port[0].kept)->nb_vfs, 5);
	serve();
	assert_int_equal(nb_opened, 0);
	assert_int_equal(keeper.nb, NB_FDS);
	hold_say_back(&life);
	assert_string_equal(last_line, "0000:01:00.0: control is back after 321 ms");
	hold_release(&life);
	assert_int_equal(keeper.nb, 0);
}

static void
a_port_that_was_not_served_is_not_taken_over(void **state)
{
	(void)state;
	be_born(1);
	assert_int_equal(hold_open(&life), 0);
	die();
	be_born(1);
	assert_false(hold_any_taken_over(&life));
	/* The device is there, and is not opened a second time. */
	serve();
	assert_int_equal(nb_opened, 0);
	assert_true(hold_everything(&life));
	hold_release(&life);
	assert_int_equal(keeper.nb, 0);
}

/* It is ours all the same, and goes back to the VFs that it had. */
static void
a_port_whose_vfs_were_being_changed_is_set_up_again(void **state)
{
	(void)state;
	be_born(1);
	serve();
	kept_set_num_vfs(life.port[0].kept, 4);
	kept_set_whole(life.port[0].kept, false);
	die();
	be_born(1);
	assert_false(life.port[0].taken_over);
	assert_true(life.port[0].again);
	assert_true(hold_was_handed(&life.port[0]));
	assert_true(hold_any_taken_over(&life));
	assert_int_equal(kept_num_vfs(life.port[0].kept), 4);
	serve();
	assert_int_equal(nb_opened, 0);
	assert_int_equal(keeper.nb, NB_FDS);
	assert_true(hold_everything(&life));
	die();
	be_born(1);
	assert_true(life.port[0].taken_over);
	assert_false(life.port[0].again);
	hold_release(&life);
}

static void
other_builds_books_give_way(void **state)
{
	const uint64_t nonsense = 1;
	ino_t foreign;

	(void)state;
	be_born(1);
	serve();
	foreign = inode(life.port[0].kept_fd);
	assert_int_equal(pwrite(life.port[0].kept_fd, &nonsense, sizeof(nonsense), 0),
			 sizeof(nonsense));
	die();
	be_born(1);
	assert_non_null(strstr(last_line, "of a build with other books"));
	assert_false(hold_any_taken_over(&life));
	serve();
	assert_int_not_equal(inode(life.port[0].kept_fd), foreign);
	assert_int_equal(keeper.nb, NB_FDS);
	die();
	/* And it is the new ones that the next life finds. */
	be_born(1);
	assert_true(hold_any_taken_over(&life));
	hold_release(&life);
}

static void
a_port_that_left_the_configuration_is_let_go(void **state)
{
	(void)state;
	be_born(2);
	serve();
	assert_int_equal(keeper.nb, 2 * NB_FDS);
	die();
	be_born(1);
	assert_true(life.port[0].taken_over);
	serve();
	assert_int_equal(keeper.nb, NB_FDS);
	assert_non_null(strstr(keeper.held[0].name, "0000-01-00.0"));
	hold_release(&life);
	assert_int_equal(keeper.nb, 0);
}

static void
nobody_holds_an_external_port(void **state)
{
	(void)state;
	be_born(1);
	life.config.port[0].external = true;
	assert_int_equal(hold_open(&life), 0);
	assert_int_equal(nb_opened, 0);
	assert_false(hold_everything(&life));
	hold_release(&life);
}

static void
without_a_keeper_all_goes_on_but_the_outliving(void **state)
{
	char address[TEXT_BYTES];

	(void)state;
	snprintf(address, sizeof(address), "%s", getenv("NOTIFY_SOCKET"));
	be_born(1);
	unsetenv("NOTIFY_SOCKET");
	serve();
	assert_int_equal(nb_opened, 1);
	assert_false(hold_everything(&life));
	hold_release(&life);
	setenv("NOTIFY_SOCKET", address, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_life_has_the_same),
		cmocka_unit_test(a_port_that_was_not_served_is_not_taken_over),
		cmocka_unit_test(a_port_whose_vfs_were_being_changed_is_set_up_again),
		cmocka_unit_test(other_builds_books_give_way),
		cmocka_unit_test(a_port_that_left_the_configuration_is_let_go),
		cmocka_unit_test(nobody_holds_an_external_port),
		cmocka_unit_test(without_a_keeper_all_goes_on_but_the_outliving),
	};

	return cmocka_run_group_tests(tests, start_keeper, end_keeper);
}
