" astrolint for Vim and Neovim: `:compiler astrolint`, then `:make` fills the quickfix list.
if exists('current_compiler')
  finish
endif
let current_compiler = 'astrolint'
CompilerSet makeprg=astrolint\ --format\ concise\ --quiet
CompilerSet errorformat=%f:%l:%c:\ %t%*[a-z]%m
