/*
 * Ends the build of a firmware whose settings would leave its board without a way back, however they came about: the
 * last word after tools/settings, which sees the files of a build and not what Kconfig makes of them.
 */
#include "sdkconfig.h"

#ifndef CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE
#error "aws-fota needs CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE=y: an image that does not prove itself must be taken back"
#endif

#ifdef CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS
#error "aws-fota needs CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS=n: the bootloader must check every image that it starts"
#endif

#ifdef CONFIG_BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON
#error "aws-fota needs CONFIG_BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON=n: the bootloader must check every image that it starts"
#endif

#ifdef CONFIG_BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP
#error "aws-fota needs CONFIG_BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP=n: the bootloader must check every image that it starts"
#endif

#ifndef CONFIG_BOOTLOADER_WDT_ENABLE
#error "aws-fota needs CONFIG_BOOTLOADER_WDT_ENABLE=y: a hang before the application starts must become a reset"
#endif

#ifndef CONFIG_ESP_TASK_WDT_EN
#error "aws-fota needs CONFIG_ESP_TASK_WDT_EN=y: a hang must become a reset, or the old image never returns"
#endif

#ifndef CONFIG_ESP_TASK_WDT_INIT
#error "aws-fota needs CONFIG_ESP_TASK_WDT_INIT=y: a hang must become a reset, or the old image never returns"
#endif

#ifndef CONFIG_ESP_TASK_WDT_PANIC
#error "aws-fota needs CONFIG_ESP_TASK_WDT_PANIC=y: a hang must become a reset, or the old image never returns"
#endif

#if CONFIG_ESP_TASK_WDT_TIMEOUT_S < 15
#error "aws-fota needs CONFIG_ESP_TASK_WDT_TIMEOUT_S of at least 15: an erase, a TLS handshake or the check of a slot takes longer"
#endif

#ifdef CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT
#error "aws-fota needs CONFIG_ESP_SYSTEM_PANIC_PRINT_HALT=n: after a panic the board must restart by itself, or the old image never returns"
#endif

#ifdef CONFIG_ESP_SYSTEM_PANIC_GDBSTUB
#error "aws-fota needs CONFIG_ESP_SYSTEM_PANIC_GDBSTUB=n: after a panic the board must restart by itself, or the old image never returns"
#endif

#ifdef CONFIG_ESP_SYSTEM_GDBSTUB_RUNTIME
#error "aws-fota needs CONFIG_ESP_SYSTEM_GDBSTUB_RUNTIME=n: after a panic the board must restart by itself, or the old image never returns"
#endif

#ifndef CONFIG_PARTITION_TABLE_CUSTOM
#error "aws-fota needs CONFIG_PARTITION_TABLE_CUSTOM=y: the table must have two equal slots, which PARTITIONS_FILE in a manifest's build section gives"
#endif

#ifndef CONFIG_PARTITION_TABLE_MD5
#error "aws-fota needs CONFIG_PARTITION_TABLE_MD5=y: a damaged table must be noticed"
#endif

#ifndef CONFIG_APP_PROJECT_VER_FROM_CONFIG
#error "aws-fota needs CONFIG_APP_PROJECT_VER_FROM_CONFIG=y: the image's descriptor must carry the application's version"
#endif

#ifdef CONFIG_APP_EXCLUDE_PROJECT_VER_VAR
#error "aws-fota needs CONFIG_APP_EXCLUDE_PROJECT_VER_VAR=n: the image's descriptor must carry the application's version"
#endif

#ifdef CONFIG_APP_EXCLUDE_PROJECT_NAME_VAR
#error "aws-fota needs CONFIG_APP_EXCLUDE_PROJECT_NAME_VAR=n: an image of another project must be told from this one's"
#endif
