; ClinicSetup-<version>.exe. installer/build/windows.py calls makensis with TREE, VERSION, NUMBER,
; MEGABYTES, OUT and, when its Python may not be handed out, NOT_FOR_RELEASE.
;
; It only unpacks and takes away; what sets an installation up is app\installer\setup, as everywhere.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
SetCompressorDictSize 32
SetDatablockOptimize on
ManifestDPIAware true
RequestExecutionLevel admin
ManifestSupportedOS Win10

!include MUI2.nsh
!include FileFunc.nsh
!include WinVer.nsh
!include LogicLib.nsh
!include StrFunc.nsh
${StrStr}

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Clinic"
!define HERE "$INSTDIR\versions\${VERSION}"

!ifdef NOT_FOR_RELEASE
  !define MARK "${VERSION} - $(not_for_release)"
!else
  !define MARK "${VERSION}"
!endif

Name "$(product)"
Caption "$(product) ${MARK}"
BrandingText "$(product) ${MARK}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\Clinic"
ShowInstDetails show
ShowUninstDetails show
VIProductVersion "${NUMBER}"
VIAddVersionKey "ProductName" "Clinic"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Clinic management system, set-up"
VIAddVersionKey "LegalCopyright" "see LICENSE"

!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TITLE "$(product) ${VERSION}"
!define MUI_WELCOMEPAGE_TEXT "$(welcome)"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_NOAUTOCLOSE
!define MUI_FINISHPAGE_TITLE "$(finished)"
!define MUI_FINISHPAGE_TEXT "$(finished_text)"
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_TEXT "$(open_browser)"
!define MUI_FINISHPAGE_RUN_FUNCTION OpenBrowser
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "SimpChinese"
!insertmacro MUI_LANGUAGE "English"

LangString product ${LANG_SIMPCHINESE} "诊所管理系统"
LangString product ${LANG_ENGLISH} "Clinic"
LangString not_for_release ${LANG_SIMPCHINESE} "仅供测试，不得发布"
LangString not_for_release ${LANG_ENGLISH} "not for release"
LangString welcome ${LANG_SIMPCHINESE} "安装程序将在这台电脑上安装诊所管理系统，不需要互联网，约一分钟完成。$\r$\n$\r$\n已有的数据会保留；旧版本会先备份再升级。$\r$\n$\r$\n${MARK}"
LangString welcome ${LANG_ENGLISH} "This installs the clinic management system on this PC, without internet, in about a minute.$\r$\n$\r$\nData that are there stay; an older version is backed up and upgraded.$\r$\n$\r$\n${MARK}"
LangString finished ${LANG_SIMPCHINESE} "安装完成"
LangString finished ${LANG_ENGLISH} "Done"
LangString finished_text ${LANG_SIMPCHINESE} "桌面上已有“诊所系统”图标，双击即可打开。首次登录的一次性密码见桌面上的“诊所系统 首次登录说明”，请打印后妥善保管。"
LangString finished_text ${LANG_ENGLISH} "The icon of the clinic on the desktop opens it. The one-time password of the first sign-in stands on the sheet beside it; print it and keep it safe."
LangString open_browser ${LANG_SIMPCHINESE} "打开诊所系统"
LangString open_browser ${LANG_ENGLISH} "Open the clinic"
LangString old_windows ${LANG_SIMPCHINESE} "需要 64 位 Windows 10 或更新的版本；这台电脑上的 Windows 不能运行本系统。"
LangString old_windows ${LANG_ENGLISH} "The clinic needs 64-bit Windows 10 or newer; the Windows of this PC can't run it."
LangString unpacking ${LANG_SIMPCHINESE} "正在复制文件……"
LangString unpacking ${LANG_ENGLISH} "Copying files ..."
LangString failed ${LANG_SIMPCHINESE} "安装没有完成，原因见上面的详细信息。数据没有改动。排除原因后请再次运行本安装程序。"
LangString failed ${LANG_ENGLISH} "Set-up did not finish; the lines above say why. Nothing was lost: mend that and run this file again."
LangString keeps ${LANG_SIMPCHINESE} "诊所数据保留在 $1"
LangString keeps ${LANG_ENGLISH} "The data of the clinic were kept in $1"
LangString erase ${LANG_SIMPCHINESE} "是否同时永久删除全部诊所数据（病历、处方、收费、密钥和备份）？选“否”则全部保留在：$\r$\n$1"
LangString erase ${LANG_ENGLISH} "Delete all data of the clinic as well, for good (records, prescriptions, bills, keys and backups)? 'No' keeps them in:$\r$\n$1"

Var setup   ; the command that does the work
Var status

!macro Environment
  SetRegView 64
  SetShellVarContext all
  ; text between our programs is UTF-8, whatever this Windows takes for its own
  System::Call 'kernel32::SetEnvironmentVariable(t "PYTHONUTF8", t "1")'
!macroend

Function .onInit
  !insertmacro Environment
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP "$(old_windows)" /SD IDOK
    SetErrorLevel 3
    Abort
  ${EndIf}
FunctionEnd

Section "Clinic"
  SetOutPath "${HERE}"
  SetDetailsPrint both
  DetailPrint "$(unpacking)"
  SetDetailsPrint textonly
  SetOverwrite try  ; of the same version, a file in use has the same content
  File /r "${TREE}/*.*"
  SetDetailsPrint both
  IfFileExists "${HERE}\app\installer\setup\__pycache__\*.pyc" compiled
    nsExec::ExecToLog '"${HERE}\python\python.exe" -m compileall -q -j 0 "${HERE}\app" "${HERE}\python\Lib"'
    Pop $status
  compiled:
  SetOutPath "$INSTDIR"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  WriteRegStr HKLM "${KEY}" "DisplayName" "诊所管理系统 Clinic ${VERSION}"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "Publisher" "Clinic"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
  WriteRegDWORD HKLM "${KEY}" "EstimatedSize" "${MEGABYTES}000"

  ; what was written after "--" on this file's own command line goes on to set-up: --port 9443
  ${GetParameters} $0
  ${StrStr} $1 "$0" "-- "
  StrCpy $1 "$1" "" 3
  StrCpy $setup '"${HERE}\python\python.exe" "${HERE}\app\installer\setup"'
  nsExec::ExecToLog '$setup arrive --service --no-open $1'
  Pop $status
  StrCmp $status "0" good
    DetailPrint "$(failed)"
    MessageBox MB_ICONSTOP "$(failed)" /SD IDOK
    SetErrorLevel 1
    Abort "$(failed)"
  good:
SectionEnd

Function OpenBrowser
  ; by the desktop itself, so that the browser runs without an administrator's rights
  IfFileExists "$DESKTOP\诊所系统 首次登录说明.url" 0 +2
    Exec '"$WINDIR\explorer.exe" "$DESKTOP\诊所系统 首次登录说明.url"'
  Exec '"$WINDIR\explorer.exe" "$DESKTOP\诊所系统.url"'
FunctionEnd

Function un.onInit
  !insertmacro Environment
FunctionEnd

Section "Uninstall"
  ReadEnvStr $1 "ProgramData"
  StrCpy $1 "$1\Clinic"
  ${GetParameters} $0
  StrCpy $2 ""
  ClearErrors
  ${GetOptions} "$0" "/ERASE" $3
  IfErrors 0 erase
  MessageBox MB_YESNO|MB_DEFBUTTON2|MB_ICONEXCLAMATION "$(erase)" /SD IDNO IDNO keep
  erase:
    StrCpy $2 "yes"
  keep:
  ; the version in use is the one that the registry names
  ReadRegStr $4 HKLM "${KEY}" "DisplayVersion"
  nsExec::ExecToLog '"$INSTDIR\versions\$4\python\python.exe" "$INSTDIR\versions\$4\app\installer\setup" uninstall'
  Pop $status
  SetOutPath "$TEMP"
  StrCpy $5 0
  again:
    ClearErrors
    RMDir /r "$INSTDIR\versions"
    IfFileExists "$INSTDIR\versions\*.*" 0 gone
    IntOp $5 $5 + 1
    Sleep 500
    IntCmp $5 20 0 again
    RMDir /r /REBOOTOK "$INSTDIR\versions"
  gone:
  Delete /REBOOTOK "$INSTDIR\Uninstall.exe"
  RMDir /REBOOTOK "$INSTDIR"
  DeleteRegKey HKLM "${KEY}"
  StrCmp $2 "yes" 0 kept
    RMDir /r "$1"
    Goto end
  kept:
    DetailPrint "$(keeps)"
  end:
SectionEnd
