;;; astrolint.el --- Errors of astrolint in compilation buffers  -*- lexical-binding: t; -*-

;; M-x compile RET astrolint --format concise RET

;;; Code:

(require 'compile)

(add-to-list 'compilation-error-regexp-alist-alist
             '(astrolint
               "^\\(.+?\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(info\\)\\)\\[\\([a-z0-9-]+\\)\\] \\(.+\\)$"
               1 2 3 (4 . 5)))
(add-to-list 'compilation-error-regexp-alist 'astrolint)

(provide 'astrolint)
;;; astrolint.el ends here
