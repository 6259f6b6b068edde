@echo off
rem Install from this folder, without internet:  install.bat [FOLDER]      (FOLDER: %LOCALAPPDATA%\hich)
setlocal
set "HERE=%~dp0"
set "TARGET=%~1"
if "%TARGET%"=="" set "TARGET=%LOCALAPPDATA%\hich"
if "%TARGET:~-1%"=="\" set "TARGET=%TARGET:~0,-1%"
for /f "usebackq delims=" %%V in ("%HERE%python-version") do set "WANTED=%%V"

if not exist "%HERE%python\windows.tar.gz" goto installed_python
if not exist "%TARGET%" mkdir "%TARGET%"
tar -xzf "%HERE%python\windows.tar.gz" -C "%TARGET%"
if errorlevel 1 exit /b 1
"%TARGET%\python\python.exe" "%HERE%install.py" "%TARGET%"
exit /b %ERRORLEVEL%

:installed_python
py -%WANTED% -c "" >nul 2>nul
if errorlevel 1 goto python_of_path
py -%WANTED% "%HERE%install.py" "%TARGET%"
exit /b %ERRORLEVEL%

:python_of_path
python -c "" >nul 2>nul
if errorlevel 1 goto no_python
python "%HERE%install.py" "%TARGET%"
exit /b %ERRORLEVEL%

:no_python
echo No Python %WANTED% here. Install it (64-bit), and run this again.
exit /b 1
