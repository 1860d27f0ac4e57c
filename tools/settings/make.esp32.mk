# The make fragment of every build for the ESP32 that includes this project: the SDK's own, and before ESP-IDF is configured the settings of board,
# library and application laid over each other. What contradicts a safety setting ends the build. See docs/device.md.
#
# \
!ifndef 0 # \
!include $(MODDABLE)\tools\mcconfig\nmake.esp32.mk # \
!else
FOTA_SETTINGS := $(MAKE_FRAGMENT:make.esp32.mk=firmware-settings.mjs)
override SDKCONFIG_FILE := $(TMP_DIR)/xsProj-$(ESP32_SUBCLASS)/sdkconfig.fota

include $(MODDABLE)/tools/mcconfig/make.esp32.mk

.PHONY: fota-always
fota-always:

$(SDKCONFIG_FILE): fota-always
	@command -v node >/dev/null || { echo "aws-fota: node is not on PATH; it lays the settings over each other" >&2; exit 1; }
	@node $(FOTA_SETTINGS) --build $(TMP_DIR)
# \
!endif
